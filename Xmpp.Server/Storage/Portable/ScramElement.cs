using System.Globalization;
using System.Text;
using Parley.Xmpp.Core.Sasl;
using Parley.Xmpp.Core.Xml;

namespace Parley.Xmpp.Server.Storage.Portable;

/// <summary>SCRAM keys as an element (XEP-0227 section 4.3).</summary>
internal static class ScramElement
{
    public const string Name = "scram-credentials";
    private const int MaxIterations = 10_000_000;
    private const int MaxSaltBytes = 1024;

    /// <summary>Writes keys.</summary>
    public static Element Make(ScramHash hash, ScramKeys keys) => new Element(Name, PortableNames.Scram)
        .Attr("mechanism", PortableNames.ScramPrefix + hash.Name)
        .Add("iter-count", e => e.Text(keys.Iterations.ToString(CultureInfo.InvariantCulture)))
        .Add("salt", e => e.Text(Convert.ToBase64String(keys.Salt)))
        .Add("server-key", e => e.Text(Convert.ToBase64String(keys.ServerKey)))
        .Add("stored-key", e => e.Text(Convert.ToBase64String(keys.StoredKey)));

    /// <summary>Reads keys.</summary>
    /// <returns>Null for a hash that is not known here.</returns>
    /// <exception cref="FormatException">They are not as they should be.</exception>
    public static (string Hash, ScramKeys Keys)? Read(Element element)
    {
        var mechanism = element["mechanism"] ?? throw new FormatException("SCRAM credentials without a mechanism");
        if (!mechanism.StartsWith(PortableNames.ScramPrefix, StringComparison.Ordinal) || !ScramHash.TryFind(mechanism[PortableNames.ScramPrefix.Length..], out var hash)) return null;
        if (!int.TryParse(Text(element, "iter-count"), NumberStyles.None, CultureInfo.InvariantCulture, out var iterations) || iterations is < 1 or > MaxIterations) throw new FormatException($"the iteration count of {mechanism} is not between 1 and {MaxIterations}");
        var (stored, server, salt) = (Key(element, "stored-key", hash), Key(element, "server-key", hash), Bytes(element, "salt"));
        // ejabberd 23.01 keeps them as Base64 and encodes that once more.
        if (Bytes(element, "stored-key").Length != hash.Bytes) salt = Decode(Encoding.ASCII.GetString(salt)) ?? salt;
        return salt.Length is < 1 or > MaxSaltBytes ? throw new FormatException($"the salt of {mechanism} has {salt.Length} bytes") : (hash.Name, new ScramKeys(salt, iterations, stored, server));
    }

    private static byte[] Key(Element element, string name, ScramHash hash)
    {
        var key = Bytes(element, name);
        if (key.Length != hash.Bytes) key = Decode(Encoding.ASCII.GetString(key)) ?? key;
        return key.Length == hash.Bytes ? key : throw new FormatException($"<{name}/> has {key.Length} bytes, those of {hash.Name} have {hash.Bytes}");
    }

    private static byte[] Bytes(Element element, string name) => Decode(Text(element, name)) ?? throw new FormatException($"<{name}/> is not Base64");

    private static string Text(Element element, string name) => element.Child(name)?.Value.Trim() ?? throw new FormatException($"SCRAM credentials without <{name}/>");

    private static byte[]? Decode(string text)
    {
        var bytes = new byte[text.Length];
        return Convert.TryFromBase64String(text, bytes, out var length) ? bytes[..length] : null;
    }
}
