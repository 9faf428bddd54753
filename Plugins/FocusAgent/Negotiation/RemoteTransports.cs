using System.Diagnostics.CodeAnalysis;
using System.Net;
using Parley.Media.Control;
using Parley.Xmpp.Core.Jingle;

namespace Parley.Plugins.FocusAgent.Negotiation;

/// <summary>Turns a client's side of a transport from Jingle into what the relay takes.</summary>
public static class RemoteTransports
{
    /// <summary>The most candidates kept of one transport: none is ever probed.</summary>
    public const int MaxCandidates = 32;

    /// <summary>Reads a whole side: credentials, fingerprints, candidates.</summary>
    /// <returns>False with what is wrong in <paramref name="fault"/>.</returns>
    public static bool TryRead(IceUdpTransport? transport, [NotNullWhen(true)] out RemoteTransport? remote, [NotNullWhen(false)] out string? fault)
    {
        remote = null;
        fault = null;
        if (transport is null) fault = "content lacks an ICE-UDP transport";
        else if (!AreCredentials(transport.Ufrag, transport.Password)) fault = "transport lacks valid ICE credentials";
        if (fault is not null) return false;
        var fingerprints = transport!.Fingerprints.Where(IsUsable).Select(f => new DtlsFingerprint(f.Hash, f.Value)).ToList();
        if (fingerprints.Count == 0)
        {
            fault = "transport lacks a fingerprint by a SHA-2 hash";
            return false;
        }

        remote = new RemoteTransport(transport.Ufrag!, transport.Password!, fingerprints, ReadCandidates(transport));
        return true;
    }

    /// <summary>The candidates that can be kept: UDP, RTP's component, a literal address. Browsers' names under <c>.local</c> mean nothing to us.</summary>
    public static IReadOnlyList<IceCandidate> ReadCandidates(IceUdpTransport transport) =>
        [.. transport.Candidates.Where(c => c.Component == 1 && c.Foundation.Length <= 32 && c.Protocol.Equals("udp", StringComparison.OrdinalIgnoreCase) && c.Type is "host" or "srflx" or "prflx" or "relay")
            .Select(c => IPAddress.TryParse(c.Ip, out var ip) ? new IceCandidate(c.Foundation, 1, c.Priority, new IPEndPoint(ip, c.Port), c.Type, c.Id) : null)
            .OfType<IceCandidate>().Take(MaxCandidates)];

    /// <summary>Whether these can be ICE credentials (RFC 8839 section 5.4): a colon, above all, would break the user name of checks.</summary>
    public static bool AreCredentials(string? ufrag, string? password) =>
        ufrag is { Length: >= 4 and <= 256 } && password is { Length: >= 22 and <= 256 } && ufrag.All(IsIceCharacter) && password.All(IsIceCharacter);

    // Beside RFC 8839's own characters the ones of base64url are seen in the field.
    private static bool IsIceCharacter(char c) => char.IsAsciiLetterOrDigit(c) || c is '+' or '/' or '-' or '_' or '=';

    private static bool IsUsable(JingleFingerprint f) => f.Hash switch
    {
        "sha-224" => IsPairs(f.Value, 28),
        "sha-256" => IsPairs(f.Value, 32),
        "sha-384" => IsPairs(f.Value, 48),
        "sha-512" => IsPairs(f.Value, 64),
        _ => false,
    };

    private static bool IsPairs(string value, int count)
    {
        if (value.Length != (count * 3) - 1) return false;
        for (var i = 0; i < value.Length; i++)
        {
            if ((i % 3 == 2) != (value[i] == ':')) return false;
        }

        return true;
    }
}
