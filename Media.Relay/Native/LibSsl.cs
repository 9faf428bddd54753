using System.Runtime.InteropServices;

namespace Parley.Media.Relay.Native;

/// <summary>OpenSSL's DTLS, as far as it is used here. Its macros are the control numbers below.</summary>
internal static unsafe partial class LibSsl
{
    /// <summary>What the imports call the library; the symbols of libcrypto are found through it, in the copy that it is linked to.</summary>
    public const string Name = "libssl";

    public const int Dtls12 = 0xFEFD;

    public const int ControlSetMtu = 17, ControlSessionCacheMode = 44, ControlMaxCertificateList = 51, ControlGetTimeout = 73, ControlHandleTimeout = 74,
        ControlGroupsList = 92, ControlMinVersion = 123, ControlMaxVersion = 124;

    /// <summary>SSL_OP_NO_QUERY_MTU, _NO_TICKET, _NO_COMPRESSION, _CIPHER_SERVER_PREFERENCE and _NO_RENEGOTIATION.</summary>
    public const ulong OptionNoQueryMtu = 1ul << 12, OptionNoTicket = 1ul << 14, OptionNoCompression = 1ul << 17, OptionServerPreference = 1ul << 22, OptionNoRenegotiation = 1ul << 30;

    public const int VerifyPeer = 1, VerifyFailIfNoPeerCertificate = 2;
    public const int KeyTypeEc = 408;
    public const int ErrorWantRead = 2, ErrorWantWrite = 3, ErrorZeroReturn = 6;
    public const int BioReset = 1, BioPending = 10, BioEofReturn = 130;

    static LibSsl() => NativeLibraries.EnsureResolver();

    [LibraryImport(Name, EntryPoint = "OpenSSL_version_num")]
    public static partial nuint VersionNumber();

    [LibraryImport(Name, EntryPoint = "ERR_clear_error")]
    public static partial void ClearErrors();

    [LibraryImport(Name, EntryPoint = "ERR_get_error")]
    public static partial nuint GetError();

    [LibraryImport(Name, EntryPoint = "ERR_error_string_n")]
    public static partial void ErrorString(nuint error, byte* to, nuint length);

    [LibraryImport(Name, EntryPoint = "DTLS_method")]
    public static partial nint DtlsMethod();

    [LibraryImport(Name, EntryPoint = "SSL_CTX_new")]
    public static partial SslContextHandle ContextNew(nint method);

    [LibraryImport(Name, EntryPoint = "SSL_CTX_free")]
    public static partial void ContextFree(nint context);

    [LibraryImport(Name, EntryPoint = "SSL_CTX_ctrl")]
    public static partial nint ContextControl(SslContextHandle context, int command, nint number, void* pointer);

    [LibraryImport(Name, EntryPoint = "SSL_CTX_set_options")]
    public static partial ulong ContextSetOptions(SslContextHandle context, ulong options);

    [LibraryImport(Name, EntryPoint = "SSL_CTX_set_cipher_list")]
    public static partial int ContextSetCiphers(SslContextHandle context, byte* list);

    [LibraryImport(Name, EntryPoint = "SSL_CTX_set_verify")]
    public static partial void ContextSetVerify(SslContextHandle context, int mode, nint callback);

    [LibraryImport(Name, EntryPoint = "SSL_CTX_set_cert_verify_callback")]
    public static partial void ContextSetVerifyCallback(SslContextHandle context, delegate* unmanaged<nint, void*, int> callback, void* argument);

    [LibraryImport(Name, EntryPoint = "SSL_CTX_use_certificate_ASN1")]
    public static partial int ContextUseCertificate(SslContextHandle context, int length, byte* der);

    [LibraryImport(Name, EntryPoint = "SSL_CTX_use_PrivateKey_ASN1")]
    public static partial int ContextUsePrivateKey(int type, SslContextHandle context, byte* der, nint length);

    /// <summary>0 on success, unlike the others.</summary>
    [LibraryImport(Name, EntryPoint = "SSL_CTX_set_tlsext_use_srtp")]
    public static partial int ContextUseSrtp(SslContextHandle context, byte* profiles);

    [LibraryImport(Name, EntryPoint = "SSL_new")]
    public static partial SslHandle New(SslContextHandle context);

    [LibraryImport(Name, EntryPoint = "SSL_free")]
    public static partial void Free(nint ssl);

    [LibraryImport(Name, EntryPoint = "SSL_ctrl")]
    public static partial nint Control(SslHandle ssl, int command, nint number, void* pointer);

    [LibraryImport(Name, EntryPoint = "DTLS_set_timer_cb")]
    public static partial void SetTimerCallback(SslHandle ssl, delegate* unmanaged<nint, uint, uint> callback);

    [LibraryImport(Name, EntryPoint = "SSL_set_bio")]
    public static partial void SetBio(SslHandle ssl, nint read, nint write);

    [LibraryImport(Name, EntryPoint = "SSL_set_accept_state")]
    public static partial void SetAcceptState(SslHandle ssl);

    [LibraryImport(Name, EntryPoint = "SSL_set_connect_state")]
    public static partial void SetConnectState(SslHandle ssl);

    [LibraryImport(Name, EntryPoint = "SSL_do_handshake")]
    public static partial int DoHandshake(SslHandle ssl);

    [LibraryImport(Name, EntryPoint = "SSL_read")]
    public static partial int Read(SslHandle ssl, byte* to, int length);

    [LibraryImport(Name, EntryPoint = "SSL_shutdown")]
    public static partial int Shutdown(SslHandle ssl);

    [LibraryImport(Name, EntryPoint = "SSL_get_error")]
    public static partial int GetError(SslHandle ssl, int result);

    [LibraryImport(Name, EntryPoint = "SSL_get_selected_srtp_profile")]
    public static partial SrtpProtectionProfile* SelectedSrtpProfile(SslHandle ssl);

    [LibraryImport(Name, EntryPoint = "SSL_export_keying_material")]
    public static partial int ExportKeyingMaterial(SslHandle ssl, byte* to, nuint length, byte* label, nuint labelLength, byte* context, nuint contextLength, int useContext);

    [LibraryImport(Name, EntryPoint = "SSL_get1_peer_certificate")]
    public static partial nint GetPeerCertificate(SslHandle ssl);

    [LibraryImport(Name, EntryPoint = "i2d_X509")]
    public static partial int WriteCertificate(nint certificate, byte** to);

    [LibraryImport(Name, EntryPoint = "X509_free")]
    public static partial void FreeCertificate(nint certificate);

    [LibraryImport(Name, EntryPoint = "BIO_s_mem")]
    public static partial nint MemoryBioMethod();

    [LibraryImport(Name, EntryPoint = "BIO_new")]
    public static partial nint BioNew(nint method);

    [LibraryImport(Name, EntryPoint = "BIO_free")]
    public static partial int BioFree(nint bio);

    [LibraryImport(Name, EntryPoint = "BIO_ctrl")]
    public static partial nint BioControl(nint bio, int command, nint number, void* pointer);

    [LibraryImport(Name, EntryPoint = "BIO_read")]
    public static partial int BioRead(nint bio, byte* to, int length);

    [LibraryImport(Name, EntryPoint = "BIO_write")]
    public static partial int BioWrite(nint bio, byte* from, int length);

    /// <summary>SRTP_PROTECTION_PROFILE; the number is the registry's.</summary>
    [StructLayout(LayoutKind.Sequential)]
    public struct SrtpProtectionProfile
    {
        public byte* Name;
        public nuint Number;
    }
}
