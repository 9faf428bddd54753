using System.Net.Security;
using Parley.Plugin.Abstractions;
using Parley.Xmpp.Core.Addressing;
using Parley.Xmpp.Core.Stanzas;
using Parley.Xmpp.Core.Xml;
using static Parley.tests.Xmpp.Server.Streams.ScramClient;

namespace Parley.tests.Xmpp.Server.Streams;

public sealed class LogInTests : IAsyncLifetime
{
    private StreamServer _server = null!;

    public async ValueTask InitializeAsync() => _server = await StreamServer.StartAsync();

    public ValueTask DisposeAsync() => _server.DisposeAsync();

    [Theory]
    [InlineData("SCRAM-SHA-1")]
    [InlineData("SCRAM-SHA-256")]
    [InlineData("SCRAM-SHA-512")]
    public async Task An_account_logs_in_by_STARTTLS(string mechanism)
    {
        await using var client = await TcpTestClient.ConnectAsync(_server.Port);
        var features = await client.OpenAsync();
        Assert.Contains("<starttls xmlns='urn:ietf:params:xml:ns:xmpp-tls'/>", features, StringComparison.Ordinal);
        Assert.DoesNotContain("PLAIN", features, StringComparison.Ordinal);
        await client.WriteAsync("<starttls xmlns='urn:ietf:params:xml:ns:xmpp-tls'/>");
        Assert.Equal("<proceed xmlns='urn:ietf:params:xml:ns:xmpp-tls'/>", await client.ReadUntilAsync("/>"));
        await client.StartTlsAsync();
        features = await client.OpenAsync();
        Assert.DoesNotContain("starttls", features, StringComparison.Ordinal);
        Assert.Contains("<mechanism>PLAIN</mechanism>", features, StringComparison.Ordinal);
        Assert.DoesNotContain("-PLUS", features, StringComparison.Ordinal);
        await RunAsync(client, mechanism, "ann", "secret");
        features = await client.OpenAsync();
        Assert.Contains("<bind xmlns='urn:ietf:params:xml:ns:xmpp-bind'><required/></bind>", features, StringComparison.Ordinal);
        Assert.Equal("ann@one.test/phone", await client.BindAsync("phone"));
        await ExchangeAsync(client, "ann@one.test/phone");
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Whoever_shows_its_password_gets_the_keys_it_lacks_and_comes_in_even_if_they_cannot_be_written(bool fails)
    {
        if (fails) _server.Completed = null;
        await using var client = await TcpTestClient.ConnectAsync(_server.TlsPort, tls: true);
        await client.OpenAsync();
        Assert.Contains("failure", await PlainAsync(client, "ann", "guess"), StringComparison.Ordinal);
        if (!fails) Assert.Empty(_server.Completed!);
        Assert.StartsWith("<success", await PlainAsync(client, "ann", "secret"), StringComparison.Ordinal);
        if (!fails) Assert.Equal([("ann@one.test", "secret")], _server.Completed!.Select(c => (c.Account.ToString(), c.Password)));
        await client.OpenAsync();
        Assert.Equal("ann@one.test/made", await client.BindAsync());
    }

    [Fact]
    public async Task Features_tell_limits_and_what_the_server_can_do()
    {
        await using var client = await TcpTestClient.ConnectAsync(_server.TlsPort, tls: true);
        Assert.Contains("<limits xmlns='urn:xmpp:stream-limits:0'><max-bytes>16384</max-bytes></limits>", await client.OpenAsync(), StringComparison.Ordinal);
        await RunAsync(client, "SCRAM-SHA-256", "ann", "secret");
        var features = await client.OpenAsync();
        Assert.Contains("<limits xmlns='urn:xmpp:stream-limits:0'><max-bytes>262144</max-bytes><idle-seconds>300</idle-seconds></limits>", features, StringComparison.Ordinal);
        Assert.Contains("<c xmlns='http://jabber.org/protocol/caps' hash='sha-1' node='urn:parley' ver='", features, StringComparison.Ordinal);
        Assert.Contains("<c xmlns='urn:xmpp:caps'><hash xmlns='urn:xmpp:hashes:2' algo='sha-256'>", features, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(null)]
    [InlineData("changed")]
    [InlineData("secret")]
    public async Task Whoever_proved_what_counts_no_more_binds_nothing(string? password)
    {
        await using var client = await TcpTestClient.ConnectAsync(_server.TlsPort, tls: true);
        await client.OpenAsync();
        await RunAsync(client, "SCRAM-SHA-256", "ann", "secret");
        await client.OpenAsync();
        _server.Password = password; // meanwhile, and nobody could end a session that was none yet
        if (password == "secret")
        {
            Assert.Equal("ann@one.test/phone", await client.BindAsync("phone"));
            return;
        }

        await client.WriteAsync("<iq type='set' id='b' xmlns='jabber:client'><bind xmlns='urn:ietf:params:xml:ns:xmpp-bind'><resource>phone</resource></bind></iq>");
        var end = await client.ReadUntilAsync("</stream:stream>");
        Assert.Contains("<not-authorized xmlns='urn:ietf:params:xml:ns:xmpp-streams'/>", end, StringComparison.Ordinal);
        Assert.DoesNotContain("<jid>", end, StringComparison.Ordinal);
        await StreamServer.Until(() => _server.Bound.Single().Ends == 1);
    }

    [Fact]
    public async Task An_account_logs_in_by_direct_TLS_with_ALPN()
    {
        await using var client = await TcpTestClient.ConnectAsync(_server.TlsPort, tls: true);
        Assert.Equal(new SslApplicationProtocol("xmpp-client"), client.Tls!.NegotiatedApplicationProtocol);
        Assert.Equal("ann@two.test/made", await client.LogInAsync(domain: "two.test"));
        await ExchangeAsync(client, "ann@two.test/made");
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task An_account_logs_in_by_WebSocket(bool tls)
    {
        await using var client = await WebSocketTestClient.ConnectAsync(tls ? _server.HttpsPort : _server.HttpPort, tls);
        Assert.Equal("xmpp", client.Subprotocol);
        Assert.Equal("ann@one.test/made", await client.LogInAsync());
        await ExchangeAsync(client, "ann@one.test/made");
        Assert.StartsWith("<open xmlns='urn:ietf:params:xml:ns:xmpp-framing' id='", client.Messages[0], StringComparison.Ordinal);
        Assert.Equal(tls, client.Messages[1].Contains("PLAIN", StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_guest_comes_in_by_name_of_nobody()
    {
        await using var client = await WebSocketTestClient.ConnectAsync(_server.HttpPort);
        var features = await client.OpenAsync("guest.one.test");
        Assert.Contains("<mechanisms xmlns='urn:ietf:params:xml:ns:xmpp-sasl'><mechanism>ANONYMOUS</mechanism></mechanisms>", features, StringComparison.Ordinal);
        await client.WriteAsync($"<auth xmlns='{Sasl}' mechanism='ANONYMOUS'/>");
        Assert.Equal($"<success xmlns='{Sasl}'/>", await client.ReadUntilAsync("/>"));
        await client.OpenAsync("guest.one.test");
        var jid = Jid.Parse(await client.BindAsync());
        Assert.Equal("guest.one.test", jid.Domain);
        Assert.Equal(20, jid.Local!.Length);
        Assert.Equal(SenderKind.Guest, (await _server.BoundAsync()).Kind);
        Assert.Equal(0, _server.Lookups);
    }

    [Fact]
    public async Task A_client_that_sends_no_initial_response_is_asked_for_it()
    {
        await using var client = await TcpTestClient.ConnectAsync(_server.Port);
        await client.OpenAsync();
        await client.WriteAsync($"<auth xmlns='{Sasl}' mechanism='SCRAM-SHA-1'/>");
        Assert.Equal($"<challenge xmlns='{Sasl}'/>", await client.ReadUntilAsync("/>"));
        await client.WriteAsync($"<response xmlns='{Sasl}'>{Base64("n,,n=ann,r=x")}</response>");
        Assert.StartsWith($"<challenge xmlns='{Sasl}'>", await client.ReadUntilAsync("</challenge>"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task What_is_sent_while_a_resource_is_bound_comes_behind_the_result()
    {
        _server.OnBind = client =>
        {
            Assert.True(client.Stream.SendAsync(new Message(new Element("message", "jabber:client").Attr("id", "early")), ct: TestContext.Current.CancellationToken).AsTask().Result);
            return null;
        };
        await using var client = await TcpTestClient.ConnectAsync(_server.Port);
        await client.OpenAsync();
        await RunAsync(client, "SCRAM-SHA-1", "ann", "secret");
        await client.OpenAsync();
        Assert.Equal("ann@one.test/made", await client.BindAsync());
        Assert.Equal("<message id='early'/>", await client.ReadUntilAsync("/>"));
    }

    [Fact]
    public async Task A_refused_resource_is_an_error_and_another_may_be_asked_for()
    {
        _server.OnBind = client => client.Jid.Resource == "taken" ? StanzaCondition.ResourceConstraint : null;
        await using var client = await TcpTestClient.ConnectAsync(_server.Port);
        Assert.Contains("<error type='wait'><resource-constraint ", await client.LogInAsync(resource: "taken"), StringComparison.Ordinal);
        Assert.Equal("ann@one.test/free", await client.BindAsync("free"));
    }

    [Fact]
    public async Task Old_clients_may_establish_a_session()
    {
        await using var client = await TcpTestClient.ConnectAsync(_server.Port);
        await client.LogInAsync();
        await client.WriteAsync("<iq type='set' id='s' to='one.test'><session xmlns='urn:ietf:params:xml:ns:xmpp-session'/></iq>");
        Assert.Equal("<iq type='result' id='s'/>", await client.ReadUntilAsync("/>"));
        Assert.Empty((await _server.BoundAsync()).Received);
    }

    [Fact]
    public async Task PLAIN_works_under_TLS()
    {
        await using var client = await TcpTestClient.ConnectAsync(_server.TlsPort, tls: true);
        await client.OpenAsync();
        Assert.Contains("<not-authorized/>", await PlainAsync(client, "ann", "wrong"), StringComparison.Ordinal);
        Assert.Equal($"<success xmlns='{Sasl}'/>", await PlainAsync(client, "ann", "secret", "ann@one.test"));
    }

    [Fact]
    public async Task A_stream_closes_in_order_from_either_side()
    {
        await using var client = await TcpTestClient.ConnectAsync(_server.Port);
        await client.LogInAsync();
        await client.WriteAsync("<message to='bob@one.test'/></stream:stream>");
        Assert.Equal("</stream:stream>", await client.ReadToEndAsync());
        var first = await _server.BoundAsync();
        await StreamServer.Until(() => first.Ends == 1 && _server.Open.Count == 0);
        Assert.Single(first.Received);

        await using var other = await TcpTestClient.ConnectAsync(_server.TlsPort, tls: true);
        await other.LogInAsync();
        (await _server.BoundAsync(1)).Stream.Close("conflict", "Another client took this resource.");
        Assert.Equal("<stream:error><conflict xmlns='urn:ietf:params:xml:ns:xmpp-streams'/><text xmlns='urn:ietf:params:xml:ns:xmpp-streams' xml:lang='en'>Another client took this resource.</text></stream:error></stream:stream>",
            await other.ReadUntilAsync("</stream:stream>"));
        await other.WriteAsync("</stream:stream>");
        Assert.Equal("", await other.ReadToEndAsync());
    }

    [Fact]
    public async Task A_WebSocket_closes_in_order_from_either_side()
    {
        await using var client = await WebSocketTestClient.ConnectAsync(_server.HttpPort);
        await client.LogInAsync();
        await client.WriteAsync("<close xmlns='urn:ietf:params:xml:ns:xmpp-framing'/>");
        Assert.Equal("<close xmlns='urn:ietf:params:xml:ns:xmpp-framing'/>", await client.ReadToEndAsync());
        Assert.Equal(System.Net.WebSockets.WebSocketCloseStatus.NormalClosure, client.CloseStatus);

        await using var other = await WebSocketTestClient.ConnectAsync(_server.HttpPort);
        await other.LogInAsync();
        (await _server.BoundAsync(1)).Stream.Close("conflict");
        var end = await other.ReadUntilAsync("<close xmlns='urn:ietf:params:xml:ns:xmpp-framing'/>");
        Assert.StartsWith("<stream:error xmlns:stream='http://etherx.jabber.org/streams'><conflict ", end, StringComparison.Ordinal);
        await other.CloseAsync();
        Assert.Equal("", await other.ReadToEndAsync());
        await StreamServer.Until(() => _server.Open.Count == 0);
        Assert.All(_server.Bound, b => Assert.Equal(1, b.Ends));
    }

    private async Task ExchangeAsync(TestClient client, string jid)
    {
        var session = await _server.BoundAsync();
        Assert.Equal((jid, SenderKind.Account), (session.Jid.ToString(), session.Kind));
        await client.WriteAsync("<message xmlns='jabber:client' to='bob@one.test'><body>hi &amp; bye</body></message>");
        await StreamServer.Until(() => !session.Received.IsEmpty);
        Assert.Equal("hi & bye", session.Received.First().Child("body")!.Value);
        Assert.True(await session.Stream.SendAsync(new Message(new Element("message", "jabber:client").Attr("from", "bob@one.test").Add("body", b => b.Text("ho"))), ct: TestContext.Current.CancellationToken));
        Assert.EndsWith("<body>ho</body></message>", await client.ReadUntilAsync("</message>"), StringComparison.Ordinal);
    }
}
