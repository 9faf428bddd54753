using System.Security.Cryptography;
using Parley.tests.Xmpp.Server.Federation;
using static Parley.tests.Xmpp.Server.Streams.ScramClient;

namespace Parley.tests.Xmpp.Server.Streams;

/// <summary>Which certificate a client is shown, and that what binds a log-in to it (RFC 5929 section 4) is computed of that one.</summary>
public sealed class DomainCertificateTests : IAsyncLifetime
{
    private readonly TestAuthority _authority = new();
    private StreamServer _server = null!;

    public async ValueTask InitializeAsync() => _server = await StreamServer.StartAsync(o =>
    {
        o.ChannelBinding = true;
        o.Certificates = [new() { Domain = "two.test", Certificate = _authority.Certify("two.test") }];
    });

    public async ValueTask DisposeAsync()
    {
        await _server.DisposeAsync();
        _authority.Dispose();
    }

    [Theory]
    [InlineData("one.test", "one.test", false)]
    [InlineData("two.test", "two.test", true)]
    [InlineData("two.test", "one.test", true)] // the stream's header counts, whatever the handshake names
    [InlineData("one.test", "two.test", false)]
    public async Task Under_STARTTLS_that_of_the_domain_in_the_header(string to, string serverName, bool isTwo)
    {
        await using var client = await TcpTestClient.ConnectAsync(_server.Port);
        await client.OpenAsync(to);
        await client.WriteAsync("<starttls xmlns='urn:ietf:params:xml:ns:xmpp-tls'/>");
        await client.ReadUntilAsync("<proceed xmlns='urn:ietf:params:xml:ns:xmpp-tls'/>");
        await client.StartTlsAsync(serverName);
        await LogInAsync(client, to, isTwo);
    }

    [Theory]
    [InlineData("one.test", false)]
    [InlineData("two.test", true)]
    public async Task Under_direct_TLS_that_of_the_name_in_the_handshake(string serverName, bool isTwo)
    {
        await using var client = await TcpTestClient.ConnectAsync(_server.TlsPort, tls: true, serverName);
        await LogInAsync(client, serverName, isTwo);
    }

    [Theory]
    [InlineData("one.test")]
    [InlineData("two.test")]
    public async Task On_HTTPS_likewise(string host)
    {
        await using var client = await WebSocketTestClient.ConnectAsync(_server.HttpsPort, tls: true, host: host);
        Assert.Contains("-PLUS", await client.OpenAsync(host), StringComparison.Ordinal);
        Assert.Equal(host == "two.test", client.Shown == _server.Certificates.Select("two.test").Thumbprint);
        await RunAsync(client, "SCRAM-SHA-256-PLUS", "ann", "secret", "p=tls-server-end-point,,", SHA256.HashData(_server.Certificates.Select(host).RawData));
    }

    private async Task LogInAsync(TcpTestClient client, string to, bool isTwo)
    {
        var shown = client.Tls!.RemoteCertificate!;
        Assert.Equal(_server.Certificates.Select(isTwo ? "two.test" : "one.test").RawData, shown.GetRawCertData());
        Assert.Contains("-PLUS", await client.OpenAsync(to), StringComparison.Ordinal);
        await RunAsync(client, "SCRAM-SHA-256-PLUS", "ann", "secret", "p=tls-server-end-point,,", SHA256.HashData(shown.GetRawCertData()));
    }
}
