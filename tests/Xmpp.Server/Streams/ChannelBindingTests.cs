using Parley.Xmpp.Server.Security;
using static Parley.tests.Xmpp.Server.Streams.ScramClient;

namespace Parley.tests.Xmpp.Server.Streams;

public sealed class ChannelBindingTests : IAsyncLifetime
{
    private const string EndPoint = "p=tls-server-end-point,,";

    private StreamServer _server = null!;

    public async ValueTask InitializeAsync() => _server = await StreamServer.StartAsync(o => o.ChannelBinding = true);

    public ValueTask DisposeAsync() => _server.DisposeAsync();

    private byte[] Binding => TlsServerEndPoint.Of(_server.Certificates.Select()).ToArray();

    [Theory]
    [InlineData("SCRAM-SHA-1-PLUS")]
    [InlineData("SCRAM-SHA-256-PLUS")]
    [InlineData("SCRAM-SHA-512-PLUS")]
    public async Task It_works_under_STARTTLS(string mechanism)
    {
        await using var client = await TcpTestClient.ConnectAsync(_server.Port);
        Assert.DoesNotContain("-PLUS", await client.OpenAsync(), StringComparison.Ordinal);
        await client.WriteAsync("<starttls xmlns='urn:ietf:params:xml:ns:xmpp-tls'/>");
        await client.ReadUntilAsync("<proceed xmlns='urn:ietf:params:xml:ns:xmpp-tls'/>");
        await client.StartTlsAsync();
        var features = await client.OpenAsync();
        Assert.Contains($"<mechanism>{mechanism}</mechanism>", features, StringComparison.Ordinal);
        Assert.Contains("<sasl-channel-binding xmlns='urn:xmpp:sasl-cb:0'><channel-binding type='tls-server-end-point'/></sasl-channel-binding>", features, StringComparison.Ordinal);
        // What the client computes of the certificate that it saw (RFC 5929 section 4.1; ours is signed with SHA-256).
        var seen = System.Security.Cryptography.SHA256.HashData(client.Tls!.RemoteCertificate!.GetRawCertData());
        await RunAsync(client, mechanism, "ann", "secret", EndPoint, seen);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task It_works_under_direct_TLS_and_WSS(bool isWebSocket)
    {
        await using TestClient client = isWebSocket ? await WebSocketTestClient.ConnectAsync(_server.HttpsPort, tls: true) : await TcpTestClient.ConnectAsync(_server.TlsPort, tls: true);
        Assert.Contains("-PLUS", await client.OpenAsync(), StringComparison.Ordinal);
        await RunAsync(client, "SCRAM-SHA-256-PLUS", "ann", "secret", EndPoint, Binding);
    }

    [Theory]
    [InlineData("SCRAM-SHA-256-PLUS", EndPoint, false)] // to another certificate
    [InlineData("SCRAM-SHA-256-PLUS", "p=tls-unique,,", true)]
    [InlineData("SCRAM-SHA-256", "y,,", true)] // whoever saw no -PLUS was lied to
    public async Task A_lie_is_found_out(string mechanism, string gs2, bool isOurs)
    {
        await using var client = await TcpTestClient.ConnectAsync(_server.TlsPort, tls: true);
        await client.OpenAsync();
        var failure = await Assert.ThrowsAsync<InvalidOperationException>(() => RunAsync(client, mechanism, "ann", "secret", gs2, isOurs ? gs2[0] == 'p' ? Binding : [] : new byte[32]));
        Assert.Contains("<not-authorized/>", failure.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Whoever_cannot_bind_comes_in_all_the_same()
    {
        await using var client = await TcpTestClient.ConnectAsync(_server.TlsPort, tls: true);
        Assert.Equal("ann@one.test/made", await client.LogInAsync());
    }
}
