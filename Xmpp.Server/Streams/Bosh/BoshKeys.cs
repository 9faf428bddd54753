using System.Diagnostics.CodeAnalysis;
using System.Security.Cryptography;
using System.Text;

namespace Parley.Xmpp.Server.Streams.Bosh;

/// <summary>
/// The keys by which a session's requests show that they come from whoever began it (XEP-0124 section 15): each is what the one before is the hash of, so that whoever reads
/// along cannot tell the next. Its owner locks.
/// </summary>
/// <param name="most">How many requests may be under way, and so be sent again.</param>
internal sealed class BoshKeys(int most)
{
    private const int Length = 40; // SHA-1 in hexadecimal

    private readonly SortedDictionary<long, string> _shown = [];
    private string? _next; // what the next key's hash is; null where the client uses none

    /// <summary>Whether a session may begin by a request: it names no first key, or one that can be.</summary>
    public static bool CanBegin(BoshRequest request) => request.Body["newkey"] is not { } key || IsKey(key);

    /// <summary>Takes the requests in their order; false for one that does not show the next key.</summary>
    public bool Accept(BoshRequest request)
    {
        var (key, next) = (request.Body["key"], request.Body["newkey"]);
        if (request.Sid is null)
        {
            _next = next;
            return true;
        }

        if (_next is null) return true; // not begun with keys: one that somebody adds later protects nothing
        if (key is null || !IsKey(key) || !Same(Hash(key), _next) || (next is not null && !IsKey(next))) return false;
        _next = next ?? key;
        _shown[request.Rid] = key;
        while (_shown.Count > 2 * most) _shown.Remove(_shown.Keys.First());
        return true;
    }

    /// <summary>Whether a request that came before is shown again by the same key.</summary>
    public bool IsAgain(BoshRequest request) => _next is null || request.Sid is null || (_shown.TryGetValue(request.Rid, out var key) ? request.Body["key"] is { } shown && Same(shown, key) : true);

    private static bool IsKey(string text) => text.Length == Length && text.All(char.IsAsciiHexDigit);

    private static bool Same(string a, string b) => CryptographicOperations.FixedTimeEquals(Encoding.ASCII.GetBytes(a.ToLowerInvariant()), Encoding.ASCII.GetBytes(b.ToLowerInvariant()));

    // Of the text as the client wrote it (section 15.3).
    [SuppressMessage("Security", "CA5350", Justification = "The protocol says so; what counts is that it cannot be turned back.")]
    private static string Hash(string key) => Convert.ToHexStringLower(SHA1.HashData(Encoding.ASCII.GetBytes(key)));
}
