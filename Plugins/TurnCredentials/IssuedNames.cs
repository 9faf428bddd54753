using System.Buffers.Binary;
using System.Collections.Concurrent;
using System.Security.Cryptography;
using System.Text;
using Parley.Plugin.Abstractions;

namespace Parley.Plugins.TurnCredentials;

/// <summary>
/// The usernames that were issued, by their USERHASH (RFC 8489 section 14.4): whom a hash means nothing else can tell. Of what was issued before a restart, or by others
/// with the secret, no hash is known; such names are sent as they are, and they hide whose they are by themselves.
/// </summary>
public sealed class IssuedNames(IServerInfo server, TimeProvider time)
{
    // Some two hundred bytes each.
    private const int Most = 50_000;

    private readonly ConcurrentDictionary<UInt128, string> _names = new();
    private readonly Queue<(UInt128 Key, long Expiry)> _order = new();
    private readonly Lock _gate = new();

    /// <summary>How many are known.</summary>
    public int Count => _names.Count;

    /// <summary>Remembers a username until it expires, or too many newer ones were issued.</summary>
    /// <param name="username">The username.</param>
    /// <param name="expiry">When it expires, in Unix seconds.</param>
    public void Note(string username, long expiry)
    {
        var key = Key(SHA256.HashData(Encoding.UTF8.GetBytes($"{username}:{server.Domains[0]}")));
        var now = time.GetUtcNow().ToUnixTimeSeconds();
        lock (_gate)
        {
            while (_order.TryPeek(out var oldest) && (oldest.Expiry <= now || _order.Count >= Most)) _names.TryRemove(_order.Dequeue().Key, out _);
            if (_names.TryAdd(key, username)) _order.Enqueue((key, expiry));
        }
    }

    /// <summary>The username; null if it is not known. From any thread.</summary>
    public string? Find(ReadOnlySpan<byte> userhash) => userhash.Length == SHA256.HashSizeInBytes ? _names.GetValueOrDefault(Key(userhash)) : null;

    // Half of the hash: who finds another name with the same one has still no password to it.
    private static UInt128 Key(ReadOnlySpan<byte> hash) => BinaryPrimitives.ReadUInt128BigEndian(hash);
}
