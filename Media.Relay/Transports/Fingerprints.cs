using System.Security.Cryptography;
using Parley.Media.Control;
using Parley.Media.Core.Dtls;

namespace Parley.Media.Relay.Transports;

/// <summary>Certificate fingerprints (RFC 8122 section 5).</summary>
internal static class Fingerprints
{
    private static readonly Dictionary<string, int> Lengths = new(StringComparer.OrdinalIgnoreCase) { ["sha-224"] = 28, ["sha-256"] = 32, ["sha-384"] = 48, ["sha-512"] = 64 };

    /// <summary>Whether a fingerprint is well formed and its hash of the SHA-2 family: others prove too little.</summary>
    public static bool IsUsable(DtlsFingerprint fingerprint) => TryRead(fingerprint, out _);

    /// <summary>Whether any of the signalled fingerprints is that of the certificate that the peer showed.</summary>
    public static bool Match(IReadOnlyList<DtlsFingerprint> signalled, IDtlsEngine engine)
    {
        foreach (var fingerprint in signalled)
        {
            if (TryRead(fingerprint, out var expected) && engine.PeerDigest(fingerprint.Hash.ToLowerInvariant()) is { } shown && CryptographicOperations.FixedTimeEquals(expected, shown)) return true;
        }

        return false;
    }

    private static bool TryRead(DtlsFingerprint fingerprint, out byte[] digest)
    {
        digest = [];
        if (!Lengths.TryGetValue(fingerprint.Hash, out var length) || fingerprint.Value.Length != 3 * length - 1) return false;
        var bytes = new byte[length];
        for (var i = 0; i < length; i++)
        {
            var pair = fingerprint.Value.AsSpan(3 * i, 2);
            if (Convert.FromHexString(pair, bytes.AsSpan(i, 1), out _, out _) != System.Buffers.OperationStatus.Done) return false;
            if (i > 0 && fingerprint.Value[3 * i - 1] != ':') return false;
        }

        digest = bytes;
        return true;
    }
}
