using System.Globalization;
using System.Security;
using System.Security.Cryptography;
using System.Text;
using System.Text.RegularExpressions;

namespace Parley.tests.Plays.Engine;

/// <summary>Whom and what the names of one performance stand for: its accounts are nobody else's, so that performances share a stage.</summary>
internal sealed partial class Cast
{
    /// <summary>The domain of every stage.</summary>
    public const string Domain = "localhost";

    private static int _performances;

    private readonly int _number = Interlocked.Increment(ref _performances);

    /// <summary>What patterns took.</summary>
    public Dictionary<string, string> Taken { get; } = [];

    /// <summary>The bare address of an account.</summary>
    public string BareOf(string name) => $"{name}-{_number}@{Domain}";

    /// <summary>
    /// Fills in what stands for something: <c>{ann}</c> an account, <c>{ann/phone}</c> a client, <c>{domain}</c>, <c>{n}</c> the performance's number, <c>{$name}</c> what a pattern took,
    /// which patterns fill in themselves if it is new; then <c>{base64:…}</c>, with <c>\0</c> for NUL, <c>{sha1:…}</c> in hexadecimal, and <c>{times:9:…}</c>, nine times the same.
    /// </summary>
    public string Fill(string text)
    {
        var named = Name().Replace(text, m => m.Groups[1].Value switch
        {
            "domain" => Domain,
            "n" => $"{_number}",
            ['$', .. var name] => Taken.TryGetValue(name, out var value) ? SecurityElement.Escape(value) : m.Value,
            var name => name.Split('/') is [var account, var resource] ? $"{BareOf(account)}/{resource}" : BareOf(name),
        });
#pragma warning disable CA5350 // XEP-0114 wants it.
        return Function().Replace(named, m => m.Groups[1].Value switch
        {
            "sha1" => Convert.ToHexStringLower(SHA1.HashData(Encoding.UTF8.GetBytes(m.Groups[2].Value))),
            "base64" => Convert.ToBase64String(Encoding.UTF8.GetBytes(m.Groups[2].Value.Replace("\\0", "\0", StringComparison.Ordinal))),
            _ => m.Groups[2].Value.Split(':', 2) is [var times, var what] ? new StringBuilder().Insert(0, what, int.Parse(times, CultureInfo.InvariantCulture)).ToString() : m.Value,
        });
#pragma warning restore CA5350
    }

    [GeneratedRegex(@"\{(\$?[\w/.-]+)\}")]
    private static partial Regex Name();

    [GeneratedRegex(@"\{(base64|sha1|times):([^{}]*)\}")]
    private static partial Regex Function();
}
