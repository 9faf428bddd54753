using System.Text;

namespace Parley.Xmpp.Core.Sasl;

/// <summary>
/// Lets a client see by SCRAM whether somebody between took offers away: what was offered (XEP-0474) and the version of TLS (XEP-0515) stand in the server's first message,
/// which both sides sign by the password.
/// </summary>
public static class DowngradeProtection
{
    /// <summary>The optional attributes for the server's first message.</summary>
    /// <param name="hash">The hash of the SCRAM mechanism in use.</param>
    /// <param name="mechanisms">The mechanisms that were offered.</param>
    /// <param name="bindings">The channel bindings that were offered (XEP-0440); empty if that was not told.</param>
    /// <param name="tlsVersion">The version on the wire, such as 0x0304 for TLS 1.3; null without TLS, or where it is not known.</param>
    public static string Attributes(ScramHash hash, IEnumerable<string> mechanisms, IReadOnlyCollection<string> bindings, int? tlsVersion)
    {
        var offered = Join(mechanisms) + (bindings.Count > 0 ? "\x1f" + Join(bindings) : "");
        var attributes = $",h={Convert.ToBase64String(hash.Hash(Encoding.ASCII.GetBytes(offered)))}";
        return tlsVersion is { } version ? $"{attributes},t={version:x4}" : attributes;
    }

    private static string Join(IEnumerable<string> names) => string.Join('\x1e', names.Order(StringComparer.Ordinal));
}
