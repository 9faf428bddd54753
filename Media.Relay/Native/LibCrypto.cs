using System.Runtime.InteropServices;

namespace Parley.Media.Relay.Native;

/// <summary>
/// OpenSSL's EVP and HMAC, as far as SRTP uses them. A garbage collection has to wait for the calls that suppress the transition: these work on one packet and take less
/// than a microsecond.
/// </summary>
internal static unsafe partial class LibCrypto
{
    public const int ControlGetTag = 0x10, ControlSetTag = 0x11;

    static LibCrypto() => NativeLibraries.EnsureResolver();

    [LibraryImport(LibSsl.Name, EntryPoint = "EVP_aes_128_gcm")]
    public static partial nint Aes128Gcm();

    [LibraryImport(LibSsl.Name, EntryPoint = "EVP_aes_128_ctr")]
    public static partial nint Aes128Counter();

    [LibraryImport(LibSsl.Name, EntryPoint = "EVP_sha1")]
    public static partial nint Sha1();

    [LibraryImport(LibSsl.Name, EntryPoint = "EVP_get_digestbyname")]
    public static partial nint DigestByName(byte* name);

    [LibraryImport(LibSsl.Name, EntryPoint = "EVP_Digest")]
    public static partial int Digest(byte* data, nuint length, byte* to, uint* written, nint type, nint engine);

    [LibraryImport(LibSsl.Name, EntryPoint = "EVP_CIPHER_CTX_new")]
    public static partial CipherContextHandle CipherNew();

    [LibraryImport(LibSsl.Name, EntryPoint = "EVP_CIPHER_CTX_free")]
    public static partial void CipherFree(nint context);

    [LibraryImport(LibSsl.Name, EntryPoint = "EVP_CipherInit_ex")]
    public static partial int CipherInit(nint context, nint type, nint engine, byte* key, byte* iv, int encrypt);

    [LibraryImport(LibSsl.Name, EntryPoint = "HMAC_CTX_new")]
    public static partial HmacContextHandle HmacNew();

    [LibraryImport(LibSsl.Name, EntryPoint = "HMAC_CTX_free")]
    public static partial void HmacFree(nint context);

    [LibraryImport(LibSsl.Name, EntryPoint = "HMAC_Init_ex")]
    public static partial int HmacInit(nint context, byte* key, int length, nint digest, nint engine);

    /// <summary>The next packet's IV, with the key that is there.</summary>
    [LibraryImport(LibSsl.Name, EntryPoint = "EVP_CipherInit_ex"), SuppressGCTransition]
    public static partial int CipherRestart(nint context, nint type, nint engine, byte* key, byte* iv, int encrypt);

    [LibraryImport(LibSsl.Name, EntryPoint = "EVP_CipherUpdate"), SuppressGCTransition]
    public static partial int CipherUpdate(nint context, byte* to, int* written, byte* from, int length);

    [LibraryImport(LibSsl.Name, EntryPoint = "EVP_CipherFinal_ex"), SuppressGCTransition]
    public static partial int CipherFinal(nint context, byte* to, int* written);

    [LibraryImport(LibSsl.Name, EntryPoint = "EVP_CIPHER_CTX_ctrl"), SuppressGCTransition]
    public static partial int CipherControl(nint context, int command, int number, void* pointer);

    /// <summary>The next packet, with the key that is there.</summary>
    [LibraryImport(LibSsl.Name, EntryPoint = "HMAC_Init_ex"), SuppressGCTransition]
    public static partial int HmacRestart(nint context, byte* key, int length, nint digest, nint engine);

    [LibraryImport(LibSsl.Name, EntryPoint = "HMAC_Update"), SuppressGCTransition]
    public static partial int HmacUpdate(nint context, byte* data, nuint length);

    [LibraryImport(LibSsl.Name, EntryPoint = "HMAC_Final"), SuppressGCTransition]
    public static partial int HmacFinal(nint context, byte* to, uint* written);
}
