using System.Security.Cryptography;

namespace Parley.Media.Core.Srtp;

/// <summary>The session keys of one direction, for RTP or for RTCP, derived once from the master key (RFC 3711 section 4.3; the derivation rate is 0).</summary>
public sealed class SrtpSessionKeys
{
    private SrtpSessionKeys(SrtpProfile profile, byte[] encryption, byte[] authentication, byte[] salt)
    {
        (Profile, Encryption, Authentication, Salt) = (profile, encryption, authentication, salt);
    }

    internal SrtpProfile Profile { get; }

    internal byte[] Encryption { get; }

    internal byte[] Authentication { get; }

    internal byte[] Salt { get; }

    /// <summary>Derives the keys for RTP.</summary>
    public static SrtpSessionKeys ForRtp(SrtpMasterKey master) => Derive(master, firstLabel: 0);

    /// <summary>Derives the keys for RTCP.</summary>
    public static SrtpSessionKeys ForRtcp(SrtpMasterKey master) => Derive(master, firstLabel: 3);

    /// <summary>Takes session keys as they are, as the vectors of RFC 7714 give them.</summary>
    public static SrtpSessionKeys Of(SrtpProfile profile, ReadOnlySpan<byte> encryption, ReadOnlySpan<byte> authentication, ReadOnlySpan<byte> salt) =>
        new(profile, encryption.ToArray(), authentication.ToArray(), salt.ToArray());

    /// <summary>The pseudo-random function of RFC 3711 section 4.3.3: AES in counter mode.</summary>
    /// <param name="master">The master key and salt; a salt of 12 bytes is padded on its right (RFC 7714 section 11).</param>
    /// <param name="label">What the key is for; it meets the salt's eighth byte, as the index (48 bits of zero) follows it.</param>
    /// <param name="key">Receives the key.</param>
    public static void Expand(SrtpMasterKey master, byte label, Span<byte> key)
    {
        Span<byte> block = stackalloc byte[16];
        block.Clear();
        master.Salt.CopyTo(block);
        block[7] ^= label;
        using var aes = Aes.Create();
        aes.SetKey(master.Key);
        Span<byte> stream = stackalloc byte[16];
        for (byte counter = 0; !key.IsEmpty; counter++)
        {
            block[15] = counter;
#pragma warning disable CA5358 // ECB of a counter block is what counter mode is made of.
            aes.EncryptEcb(block, stream, PaddingMode.None);
#pragma warning restore CA5358
            var take = Math.Min(16, key.Length);
            stream[..take].CopyTo(key);
            key = key[take..];
        }
    }

    private static SrtpSessionKeys Derive(SrtpMasterKey master, byte firstLabel)
    {
        var encryption = new byte[SrtpProfiles.KeyLength];
        var authentication = new byte[master.Profile.AuthenticationKeyLength()];
        var salt = new byte[master.Profile.SaltLength()];
        Expand(master, firstLabel, encryption);
        Expand(master, (byte)(firstLabel + 1), authentication);
        Expand(master, (byte)(firstLabel + 2), salt);
        return new(master.Profile, encryption, authentication, salt);
    }
}
