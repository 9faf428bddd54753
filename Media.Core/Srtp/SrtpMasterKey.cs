namespace Parley.Media.Core.Srtp;

/// <summary>One direction's master key and salt.</summary>
public sealed class SrtpMasterKey(SrtpProfile profile, ReadOnlySpan<byte> key, ReadOnlySpan<byte> salt)
{
    private readonly byte[] _key = key.ToArray(), _salt = salt.ToArray();

    /// <summary>The profile.</summary>
    public SrtpProfile Profile { get; } = profile;

    /// <summary>The key.</summary>
    public ReadOnlySpan<byte> Key => _key;

    /// <summary>The salt.</summary>
    public ReadOnlySpan<byte> Salt => _salt;

    /// <summary>Splits what DTLS exported (RFC 5764 section 4.2): client key, server key, client salt, server salt.</summary>
    public static (SrtpMasterKey Send, SrtpMasterKey Receive) FromExporter(SrtpProfile profile, ReadOnlySpan<byte> exported, bool isDtlsServer)
    {
        ArgumentOutOfRangeException.ThrowIfNotEqual(exported.Length, profile.ExporterLength());
        var (key, salt) = (SrtpProfiles.KeyLength, profile.SaltLength());
        var client = new SrtpMasterKey(profile, exported[..key], exported.Slice(2 * key, salt));
        var server = new SrtpMasterKey(profile, exported.Slice(key, key), exported.Slice(2 * key + salt, salt));
        return isDtlsServer ? (server, client) : (client, server);
    }
}
