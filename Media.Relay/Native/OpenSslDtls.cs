using System.Runtime.InteropServices;
using Parley.Media.Core.Dtls;
using Parley.Media.Core.Srtp;

namespace Parley.Media.Relay.Native;

/// <summary>
/// One association by OpenSSL between two memory BIOs. What arrives is fed one datagram at a time; what OpenSSL writes is cut again at record borders. Whatever a peer
/// sends, at worst this association fails.
/// </summary>
internal sealed unsafe class OpenSslDtls(SslContextHandle context) : IDtlsEngine
{
    /// <summary>A handshake takes some 5,000 bytes; a peer that sends this many has no use for one.</summary>
    private const int MaxHandshakeBytes = 128 * 1024;

    private const uint FirstTimeoutUs = 100_000, MaxTimeoutUs = 3_200_000;

    private readonly DtlsFlight _flight = new();
    private SslHandle? _ssl;
    private nint _input, _output;
    private int _handshakeBytes;
    private byte[]? _peerCertificate;
    private string? _failure;

    /// <inheritdoc/>
    public DtlsState State { get; private set; }

    /// <inheritdoc/>
    public SrtpProfile? Profile { get; private set; }

    /// <inheritdoc/>
    public bool IsServer { get; private set; }

    /// <inheritdoc/>
    public void Start(bool isServer)
    {
        if (State != DtlsState.New) return;
        (IsServer, State) = (isServer, DtlsState.Handshaking);
        LibSsl.ClearErrors();
        _ssl = LibSsl.New(context);
        OpenSsl.Check(!_ssl.IsInvalid, "SSL_new");
        (_input, _output) = (NewBio(), NewBio());
        LibSsl.SetBio(_ssl, _input, _output); // which owns them from now on
        _ = LibSsl.Control(_ssl, LibSsl.ControlSetMtu, DtlsFlight.MaxDatagram, null);
        LibSsl.SetTimerCallback(_ssl, &NextTimeout);
        if (isServer) LibSsl.SetAcceptState(_ssl);
        else LibSsl.SetConnectState(_ssl);
        Advance();
    }

    /// <inheritdoc/>
    public void Receive(ReadOnlySpan<byte> datagram)
    {
        if (!DtlsRecords.Begins(datagram)) return;
        if (State == DtlsState.New && DtlsRecords.IsClientHello(datagram)) Start(isServer: true);
        if (State is not (DtlsState.Handshaking or DtlsState.Connected)) return;
        if (State == DtlsState.Handshaking && (_handshakeBytes += datagram.Length) > MaxHandshakeBytes)
        {
            Fail("the peer sent more than any handshake needs");
            return;
        }

        datagram = datagram[..DtlsRecords.Prefix(datagram)];
        if (datagram.IsEmpty) return;
        LibSsl.ClearErrors();
        fixed (byte* from = datagram) OpenSsl.Check(LibSsl.BioWrite(_input, from, datagram.Length) == datagram.Length, "BIO_write");
        Advance();
        // One datagram's remains must not be read as the next one's beginning.
        _ = LibSsl.BioControl(_input, LibSsl.BioReset, 0, null);
    }

    /// <inheritdoc/>
    public int WriteNext(Span<byte> to) => _flight.TryTake(to, out var length) ? length : 0;

    /// <inheritdoc/>
    public long Tick(long nowMs)
    {
        if (State is not DtlsState.Handshaking) return long.MaxValue;
        if (Remaining() is not { } left) return long.MaxValue;
        if (left == 0)
        {
            LibSsl.ClearErrors();
            var handled = LibSsl.Control(_ssl!, LibSsl.ControlHandleTimeout, 0, null);
            Drain();
            if (handled < 0)
            {
                Fail(OpenSsl.TakeError());
                return long.MaxValue;
            }

            left = Remaining() ?? long.MaxValue;
        }

        return left == long.MaxValue ? left : nowMs + Math.Max(left, 1);
    }

    /// <inheritdoc/>
    public byte[]? PeerDigest(string hash)
    {
        if (_peerCertificate is null || DtlsFingerprint.DigestName(hash) is not { } name) return null;
        return DtlsFingerprint.Digest(name, _peerCertificate);
    }

    /// <inheritdoc/>
    public byte[] ExportKeys()
    {
        if (Profile is not { } profile || State is not (DtlsState.Connected or DtlsState.Closed)) throw new InvalidOperationException("there are no keys before the handshake is done");
        var keys = new byte[profile.ExporterLength()];
        var label = "EXTRACTOR-dtls_srtp"u8;
        LibSsl.ClearErrors();
        fixed (byte* to = keys, l = label)
        {
            OpenSsl.Check(LibSsl.ExportKeyingMaterial(_ssl!, to, (nuint)keys.Length, l, (nuint)label.Length, null, 0, 0) == 1, "SSL_export_keying_material");
        }

        return keys;
    }

    /// <inheritdoc/>
    public void Close()
    {
        if (State == DtlsState.Connected)
        {
            LibSsl.ClearErrors();
            _ = LibSsl.Shutdown(_ssl!); // writes the alert; the peer's answer is not waited for
            Drain();
        }

        if (State != DtlsState.Failed) State = DtlsState.Closed;
    }

    /// <summary>The state and why it failed, for the log.</summary>
    public override string ToString() => _failure is null ? $"{State}" : $"{State}: {_failure}";

    /// <inheritdoc/>
    public void Dispose() => _ssl?.Dispose();

    private static nint NewBio()
    {
        var bio = LibSsl.BioNew(LibSsl.MemoryBioMethod());
        OpenSsl.Check(bio != 0, "BIO_new");
        _ = LibSsl.BioControl(bio, LibSsl.BioEofReturn, -1, null); // empty means later, not the end
        return bio;
    }

    /// <summary>100 ms at first and then doubling, as browsers do, rather than from a second on (RFC 6347 section 4.2.4.1 leaves it to us).</summary>
    [UnmanagedCallersOnly]
    private static uint NextTimeout(nint ssl, uint timeoutUs) => timeoutUs == 0 ? FirstTimeoutUs : Math.Min(2 * timeoutUs, MaxTimeoutUs);

    /// <summary>Milliseconds until OpenSSL's timer; null if it has none.</summary>
    private long? Remaining()
    {
        var time = stackalloc long[2]; // struct timeval
        if (LibSsl.Control(_ssl!, LibSsl.ControlGetTimeout, 0, time) != 1) return null;
        return (time[0] * 1000) + ((time[1] + 999) / 1000);
    }

    /// <summary>Goes as far as the input allows.</summary>
    private void Advance()
    {
        if (State == DtlsState.Handshaking)
        {
            var result = LibSsl.DoHandshake(_ssl!);
            var error = result == 1 ? 0 : LibSsl.GetError(_ssl!, result);
            Drain();
            if (error is LibSsl.ErrorWantRead or LibSsl.ErrorWantWrite) return;
            if (error != 0)
            {
                Fail(OpenSsl.TakeError());
                return;
            }

            Finish();
        }

        if (State == DtlsState.Connected) DiscardApplicationData();
    }

    private void Finish()
    {
        var selected = LibSsl.SelectedSrtpProfile(_ssl!);
        var profile = selected is null ? (SrtpProfile?)null : (SrtpProfile)selected->Number;
        _peerCertificate = ReadPeerCertificate();
        if (profile is not (SrtpProfile.AeadAes128Gcm or SrtpProfile.AesCm128HmacSha1Tag80) || _peerCertificate is null)
        {
            Fail("the peer has no SRTP profile of ours");
            return;
        }

        (Profile, State) = (profile, DtlsState.Connected);
    }

    /// <summary>
    /// Reads on after the handshake: a repeated Finished is answered in there, and close_notify shows. Nobody here takes application data. What ends the association now
    /// was authenticated, so it is the peer's wish.
    /// </summary>
    private void DiscardApplicationData()
    {
        var scratch = stackalloc byte[2048];
        int result;
        do result = LibSsl.Read(_ssl!, scratch, 2048);
        while (result > 0);
        var error = LibSsl.GetError(_ssl!, result);
        Drain();
        LibSsl.ClearErrors();
        if (error is not (LibSsl.ErrorWantRead or LibSsl.ErrorWantWrite)) State = DtlsState.Closed;
    }

    private byte[]? ReadPeerCertificate()
    {
        var certificate = LibSsl.GetPeerCertificate(_ssl!);
        if (certificate == 0) return null;
        try
        {
            var der = new byte[LibSsl.WriteCertificate(certificate, null)];
            fixed (byte* to = der)
            {
                var end = to;
                OpenSsl.Check(LibSsl.WriteCertificate(certificate, &end) == der.Length, "i2d_X509");
            }

            return der;
        }
        finally
        {
            LibSsl.FreeCertificate(certificate);
        }
    }

    /// <summary>Takes what OpenSSL wrote.</summary>
    private void Drain()
    {
        while ((int)LibSsl.BioControl(_output, LibSsl.BioPending, 0, null) is > 0 and var pending)
        {
            var bytes = new byte[pending];
            fixed (byte* to = bytes) OpenSsl.Check(LibSsl.BioRead(_output, to, pending) == pending, "BIO_read");
            _flight.Add(bytes);
        }
    }

    private void Fail(string reason)
    {
        (State, _failure) = (DtlsState.Failed, reason);
        LibSsl.ClearErrors();
    }
}
