using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using System.Security.Cryptography;
using Parley.Media.Core.Dtls;
using Parley.Media.Core.Srtp;
using Parley.Media.Relay.Native;
using Parley.tests.Lab;

namespace Parley.tests.Media.Relay.Native;

/// <summary>Against OpenSSL's own command, which carries its datagrams by sockets.</summary>
public sealed class DtlsInteropTests : IDisposable
{
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(30);

    private readonly OpenSslDtlsFactory _factory = new();
    private readonly string _folder = Directory.CreateTempSubdirectory("parley-dtls").FullName;
    private readonly Socket _socket = new(AddressFamily.InterNetwork, SocketType.Dgram, ProtocolType.Udp);
    private EndPoint _peer = new IPEndPoint(IPAddress.Any, 0);

    public DtlsInteropTests() => _socket.Bind(new IPEndPoint(IPAddress.Loopback, 0));

    public static TheoryData<string, SrtpProfile> Profiles => new()
    {
        { "SRTP_AEAD_AES_128_GCM:SRTP_AES128_CM_SHA1_80", SrtpProfile.AeadAes128Gcm },
        // Our preference counts.
        { "SRTP_AES128_CM_SHA1_80:SRTP_AEAD_AES_128_GCM", SrtpProfile.AeadAes128Gcm },
        { "SRTP_AES128_CM_SHA1_80", SrtpProfile.AesCm128HmacSha1Tag80 },
    };

    [Theory]
    [MemberData(nameof(Profiles))]
    public async Task S_client_gets_our_certificate_and_keys(string offered, SrtpProfile expected)
    {
        var (certificate, digest) = MakeCertificate();
        using var engine = _factory.Create();
        var client = Start("s_client", ["-connect", _socket.LocalEndPoint!.ToString()!, "-use_srtp", offered, .. Exporting(expected), .. certificate]);
        try
        {
            Assert.Equal(DtlsState.Connected, Run(engine));
            Assert.True(engine.IsServer);
            await CheckAsync(client, engine, expected, digest);
            // The end of its input makes it say close_notify.
            client.Process.StandardInput.Close();
            Assert.Equal(DtlsState.Closed, Run(engine, DtlsState.Connected));
        }
        finally
        {
            End(client);
        }
    }

    [Theory]
    [InlineData("SRTP_AEAD_AES_128_GCM", SrtpProfile.AeadAes128Gcm)]
    [InlineData("SRTP_AES128_CM_SHA1_80", SrtpProfile.AesCm128HmacSha1Tag80)]
    public async Task S_server_gets_our_certificate_and_keys(string offered, SrtpProfile expected)
    {
        var (certificate, digest) = MakeCertificate();
        var port = FreePort();
        var server = Start("s_server", ["-accept", $"127.0.0.1:{port}", "-Verify", "1", "-use_srtp", offered, .. Exporting(expected), .. certificate]);
        try
        {
            await server.WaitForAsync("ACCEPT", Limit);
            using var engine = _factory.Create();
            _peer = new IPEndPoint(IPAddress.Loopback, port);
            engine.Start(isServer: false);
            Assert.Equal(DtlsState.Connected, Run(engine));
            await CheckAsync(server, engine, expected, digest);
        }
        finally
        {
            End(server);
        }
    }

    [Fact]
    public void A_peer_without_SRTP_is_refused()
    {
        var (certificate, _) = MakeCertificate();
        using var engine = _factory.Create();
        var client = Start("s_client", ["-connect", _socket.LocalEndPoint!.ToString()!, .. certificate]);
        try
        {
            Assert.Equal(DtlsState.Failed, Run(engine));
            Assert.Null(engine.Profile);
        }
        finally
        {
            End(client);
        }
    }

    [Fact]
    public void A_peer_without_a_certificate_is_refused()
    {
        using var engine = _factory.Create();
        var client = Start("s_client", "-connect", _socket.LocalEndPoint!.ToString()!, "-use_srtp", "SRTP_AEAD_AES_128_GCM");
        try
        {
            Assert.Equal(DtlsState.Failed, Run(engine));
        }
        finally
        {
            End(client);
        }
    }

    public void Dispose()
    {
        _socket.Dispose();
        _factory.Dispose();
        Directory.Delete(_folder, recursive: true);
    }

    private async Task CheckAsync(RunningCommand command, IDtlsEngine engine, SrtpProfile expected, byte[] digest)
    {
        Assert.Equal(expected, engine.Profile);
        Assert.Equal(digest, engine.PeerDigest("sha-256"));
        var keys = await command.WaitForAsync("Keying material: ([0-9A-F]+)", Limit);
        Assert.Equal(Convert.ToHexString(engine.ExportKeys()), keys.Groups[1].Value);
        var shown = string.Join('\n', command.Output.Split('\n').SkipWhile(line => !line.StartsWith("-----BEGIN CERT", StringComparison.Ordinal)));
        using var ours = System.Security.Cryptography.X509Certificates.X509Certificate2.CreateFromPem(shown);
        Assert.Equal(_factory.Fingerprint.Replace(":", "", StringComparison.Ordinal), Convert.ToHexString(SHA256.HashData(ours.RawData)));
    }

    /// <summary>Carries datagrams until the association leaves a state.</summary>
    private DtlsState Run(IDtlsEngine engine, DtlsState from = DtlsState.Handshaking)
    {
        var watch = Stopwatch.StartNew();
        var room = new byte[2048];
        while (watch.Elapsed < Limit && (engine.State == from || engine.State == DtlsState.New))
        {
            var next = engine.Tick(watch.ElapsedMilliseconds);
            for (int length; (length = engine.WriteNext(room)) > 0;) _socket.SendTo(room.AsSpan(0, length), _peer);
            if (!_socket.Poll(TimeSpan.FromMilliseconds(Math.Clamp(next - watch.ElapsedMilliseconds, 0, 20)), SelectMode.SelectRead)) continue;
            engine.Receive(room.AsSpan(0, _socket.ReceiveFrom(room, ref _peer)));
        }

        for (int length; (length = engine.WriteNext(room)) > 0;) _socket.SendTo(room.AsSpan(0, length), _peer);
        return engine.State;
    }

    private (string[] Arguments, byte[] Digest) MakeCertificate()
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        using var certificate = new System.Security.Cryptography.X509Certificates.CertificateRequest("CN=peer", key, HashAlgorithmName.SHA256)
            .CreateSelfSigned(DateTimeOffset.UtcNow.AddDays(-1), DateTimeOffset.UtcNow.AddDays(1));
        var (cert, pem) = (Path.Combine(_folder, "cert.pem"), Path.Combine(_folder, "key.pem"));
        File.WriteAllText(cert, certificate.ExportCertificatePem());
        File.WriteAllText(pem, key.ExportPkcs8PrivateKeyPem());
        return (["-cert", cert, "-key", pem], SHA256.HashData(certificate.RawData));
    }

    private static string[] Exporting(SrtpProfile profile) => ["-keymatexport", "EXTRACTOR-dtls_srtp", "-keymatexportlen", $"{profile.ExporterLength()}"];

    private static RunningCommand Start(string command, params string[] arguments) => RunningCommand.Start("openssl", [command, "-dtls1_2", "-timeout", .. arguments]);

    private static int FreePort()
    {
        using var socket = UdpTests.Open("127.0.0.1");
        return socket.Port;
    }

    private static void End(RunningCommand command)
    {
        if (!command.Process.HasExited) command.Process.Kill();
        command.Process.WaitForExit();
        command.Process.Dispose();
    }
}
