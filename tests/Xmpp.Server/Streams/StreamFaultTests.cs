using System.Text;
using static Parley.tests.Xmpp.Server.Streams.ScramClient;

namespace Parley.tests.Xmpp.Server.Streams;

/// <summary>What a client may do wrong on TCP, and the standard's own answer.</summary>
public sealed class StreamFaultTests : IAsyncLifetime
{
    private const string Tls = "urn:ietf:params:xml:ns:xmpp-tls";

    private StreamServer _server = null!;

    public async ValueTask InitializeAsync() => _server = await StreamServer.StartAsync();

    public ValueTask DisposeAsync() => _server.DisposeAsync();

    [Theory]
    [InlineData("<message to='bob@one.test'><body>hi</body></message>", "not-authorized")]
    [InlineData("<presence/>", "not-authorized")]
    [InlineData("<iq type='set' id='1'><bind xmlns='urn:ietf:params:xml:ns:xmpp-bind'/></iq>", "not-authorized")]
    [InlineData("<iq type='get' id='1'><query xmlns='jabber:iq:register'/></iq>", "not-authorized")]
    [InlineData("<a xmlns='urn:xmpp:sm:3' h='0'/>", "unsupported-stanza-type")]
    [InlineData("<response xmlns='urn:ietf:params:xml:ns:xmpp-sasl'/>", "unsupported-stanza-type")]
    [InlineData("<!DOCTYPE a [<!ENTITY b 'c'>]>", "restricted-xml")]
    [InlineData("<!-- -->", "restricted-xml")]
    [InlineData("<auth xmlns='urn:ietf:params:xml:ns:xmpp-sasl' mechanism='&x;'/>", "restricted-xml")]
    [InlineData("<a></b>", "not-well-formed")]
    [InlineData("<p:a/>", "not-well-formed")]
    [InlineData("nonsense", "bad-format")]
    public async Task Before_authentication_a_stream_takes_nothing_else(string xml, string condition)
    {
        await using var client = await TcpTestClient.ConnectAsync(_server.Port);
        await client.OpenAsync();
        await client.WriteAsync(xml);
        Assert.Equal(Error(condition), await client.ReadToEndAsync());
        Assert.Empty(_server.Bound);
        Assert.Equal(0, _server.Lookups);
    }

    [Theory]
    [InlineData("<stream:stream to='one.test' version='1.0' xmlns='jabber:client' xmlns:stream='urn:other'>", "invalid-namespace")]
    [InlineData("<stream:stream to='one.test' version='1.0' xmlns='jabber:server' xmlns:stream='http://etherx.jabber.org/streams'>", "invalid-namespace")]
    [InlineData("<x:stream to='one.test' version='1.0' xmlns='jabber:client' xmlns:x='http://etherx.jabber.org/streams'>", "bad-namespace-prefix")]
    [InlineData("<stream:stream to='one.test' xmlns='jabber:client' xmlns:stream='http://etherx.jabber.org/streams'>", "unsupported-version")]
    [InlineData("<stream:stream to='other.test' version='1.0' xmlns='jabber:client' xmlns:stream='http://etherx.jabber.org/streams'>", "host-unknown")]
    [InlineData("<stream:stream to='ann@one.test' version='1.0' xmlns='jabber:client' xmlns:stream='http://etherx.jabber.org/streams'>", "host-unknown")]
    [InlineData("<stream:stream version='1.0' xmlns='jabber:client' xmlns:stream='http://etherx.jabber.org/streams'>", "host-unknown")]
    [InlineData("<?xml version='1.0' encoding='UTF-16'?>", "unsupported-encoding")]
    [InlineData("GET / HTTP/1.1\r\nHost: one.test\r\n\r\n", "bad-format")]
    public async Task A_header_that_will_not_do_gets_a_header_and_an_error(string xml, string condition)
    {
        await using var client = await TcpTestClient.ConnectAsync(_server.Port);
        await client.WriteAsync(xml);
        var answer = await client.ReadToEndAsync();
        Assert.StartsWith("<?xml version='1.0'?><stream:stream ", answer, StringComparison.Ordinal);
        Assert.Contains(" from='one.test'", answer, StringComparison.Ordinal);
        Assert.EndsWith(">" + Error(condition), answer, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Bytes_that_are_no_UTF_8_end_the_stream()
    {
        await using var client = await TcpTestClient.ConnectAsync(_server.Port);
        await client.OpenAsync();
        await client.WriteAsync([.. "<message><body>"u8, 0xC0, 0xAF, .. "</body></message>"u8]);
        Assert.Equal(Error("unsupported-encoding"), await client.ReadToEndAsync());
    }

    [Fact]
    public async Task Sizes_are_bounded_before_and_after_authentication()
    {
        await using var client = await TcpTestClient.ConnectAsync(_server.Port);
        await client.OpenAsync();
        // Never closed: the bound must not wait for the end.
        await client.WriteAsync("<auth xmlns='urn:ietf:params:xml:ns:xmpp-sasl' mechanism='PLAIN'>" + new string('A', 20_000));
        Assert.Equal(Error("policy-violation"), await client.ReadToEndAsync());

        await using var other = await TcpTestClient.ConnectAsync(_server.Port);
        await other.LogInAsync();
        var session = await _server.BoundAsync();
        await other.WriteAsync($"<message><body>{new string('x', 200_000)}</body></message>");
        await StreamServer.Until(() => session.Received.Count == 1);
        await other.WriteAsync($"<message><body>{new string('x', 300_000)}</body></message>");
        Assert.Equal(Error("policy-violation"), await other.ReadToEndAsync());
        Assert.Single(session.Received);
        await StreamServer.Until(() => session.Ends == 1);
    }

    [Theory]
    [InlineData("<message/>")]
    [InlineData("\n")]
    [InlineData("<stream:stream to='one.test' version='1.0' xmlns='jabber:client' xmlns:stream='http://etherx.jabber.org/streams'>")]
    public async Task Bytes_smuggled_behind_starttls_end_the_stream(string smuggled)
    {
        await using var client = await TcpTestClient.ConnectAsync(_server.Port);
        await client.OpenAsync();
        await client.WriteAsync($"<starttls xmlns='{Tls}'/>{smuggled}");
        Assert.Equal($"<failure xmlns='{Tls}'/></stream:stream>", await client.ReadToEndAsync());
    }

    [Fact]
    public async Task A_handshake_that_is_none_ends_the_connection_without_a_word()
    {
        await using var client = await TcpTestClient.ConnectAsync(_server.Port);
        await client.OpenAsync();
        await client.WriteAsync($"<starttls xmlns='{Tls}'/>");
        await client.ReadUntilAsync("<proceed xmlns='urn:ietf:params:xml:ns:xmpp-tls'/>");
        await client.WriteAsync("<message/> is no ClientHello");
        Assert.DoesNotContain("<", await client.ReadToEndAsync(), StringComparison.Ordinal);
        await StreamServer.Until(() => _server.Open.Count == 0);
    }

    [Fact]
    public async Task TLS_does_not_begin_twice()
    {
        await using var client = await TcpTestClient.ConnectAsync(_server.TlsPort, tls: true);
        await client.OpenAsync();
        await client.WriteAsync($"<starttls xmlns='{Tls}'/>");
        Assert.Equal($"<failure xmlns='{Tls}'/></stream:stream>", await client.ReadUntilAsync("</stream:stream>"));
    }

    [Theory]
    [InlineData("<auth xmlns='urn:ietf:params:xml:ns:xmpp-sasl' mechanism='PLAIN'>AGFubgBzZWNyZXQ=</auth>", "encryption-required")]
    [InlineData("<auth xmlns='urn:ietf:params:xml:ns:xmpp-sasl' mechanism='ANONYMOUS'/>", "invalid-mechanism")]
    [InlineData("<auth xmlns='urn:ietf:params:xml:ns:xmpp-sasl' mechanism='SCRAM-SHA-1-PLUS'/>", "invalid-mechanism")]
    [InlineData("<auth xmlns='urn:ietf:params:xml:ns:xmpp-sasl' mechanism='DIGEST-MD5'/>", "invalid-mechanism")]
    [InlineData("<auth xmlns='urn:ietf:params:xml:ns:xmpp-sasl'/>", "invalid-mechanism")]
    [InlineData("<auth xmlns='urn:ietf:params:xml:ns:xmpp-sasl' mechanism='SCRAM-SHA-1'>bi ws</auth>", "incorrect-encoding")]
    [InlineData("<auth xmlns='urn:ietf:params:xml:ns:xmpp-sasl' mechanism='SCRAM-SHA-1'>!</auth>", "incorrect-encoding")]
    [InlineData("<auth xmlns='urn:ietf:params:xml:ns:xmpp-sasl' mechanism='SCRAM-SHA-1'>=</auth>", "malformed-request")]
    [InlineData("<auth xmlns='urn:ietf:params:xml:ns:xmpp-sasl' mechanism='SCRAM-SHA-1'>eHg=</auth>", "malformed-request")]
    [InlineData("<abort xmlns='urn:ietf:params:xml:ns:xmpp-sasl'/>", "aborted")]
    public async Task A_bad_request_fails_with_its_condition_and_may_be_mended(string xml, string condition)
    {
        await using var client = await TcpTestClient.ConnectAsync(_server.Port);
        await client.OpenAsync();
        await client.WriteAsync(xml);
        Assert.Equal($"<failure xmlns='{Sasl}'><{condition}/></failure>", await client.ReadUntilAsync("</failure>"));
        await RunAsync(client, "SCRAM-SHA-256", "ann", "secret");
    }

    [Fact]
    public async Task A_guest_domain_has_no_accounts()
    {
        await using var client = await TcpTestClient.ConnectAsync(_server.Port);
        await client.OpenAsync("guest.one.test");
        await client.WriteAsync($"<auth xmlns='{Sasl}' mechanism='SCRAM-SHA-1'>{Base64("n,,n=ann,r=x")}</auth>");
        Assert.Contains("<invalid-mechanism/>", await client.ReadUntilAsync("</failure>"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Who_does_not_exist_fails_like_who_has_forgotten()
    {
        await using var client = await TcpTestClient.ConnectAsync(_server.Port);
        await client.OpenAsync();
        var forgotten = await Assert.ThrowsAsync<InvalidOperationException>(() => RunAsync(client, "SCRAM-SHA-256", "ann", "wrong"));
        foreach (var nobody in new[] { "nobody", "no body", "ann@one.test" })
        {
            await using var other = await TcpTestClient.ConnectAsync(_server.Port);
            await other.OpenAsync();
            Assert.Equal(forgotten.Message, (await Assert.ThrowsAsync<InvalidOperationException>(() => RunAsync(other, "SCRAM-SHA-256", nobody, "wrong"))).Message);
        }

        Assert.Equal($"<failure xmlns='{Sasl}'><not-authorized/></failure>", forgotten.Message);
    }

    [Fact]
    public async Task Nobody_acts_as_somebody_else()
    {
        await using var client = await TcpTestClient.ConnectAsync(_server.TlsPort, tls: true);
        await client.OpenAsync();
        Assert.Contains("<invalid-authzid/>", await PlainAsync(client, "ann", "secret", "bob@one.test"), StringComparison.Ordinal);
        Assert.Contains("<invalid-authzid/>", await PlainAsync(client, "ann", "secret", "ann@two.test"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task After_five_failures_the_stream_ends()
    {
        await using var client = await TcpTestClient.ConnectAsync(_server.TlsPort, tls: true);
        await client.OpenAsync();
        for (var i = 0; i < 5; i++) Assert.Contains("<not-authorized/>", await PlainAsync(client, "ann", "guess" + i), StringComparison.Ordinal);
        Assert.Contains("<policy-violation ", await client.ReadUntilAsync("</stream:stream>"), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("<message/>", "not-authorized")]
    [InlineData("<iq type='get' id='1'><ping xmlns='urn:xmpp:ping'/></iq>", "not-authorized")]
    [InlineData("<iq type='set'><bind xmlns='urn:ietf:params:xml:ns:xmpp-bind'/></iq>", "not-authorized")]
    [InlineData("<auth xmlns='urn:ietf:params:xml:ns:xmpp-sasl' mechanism='SCRAM-SHA-1'/>", "unsupported-stanza-type")]
    public async Task Before_a_resource_is_bound_no_stanza_is_taken(string xml, string condition)
    {
        await using var client = await TcpTestClient.ConnectAsync(_server.Port);
        await client.OpenAsync();
        await RunAsync(client, "SCRAM-SHA-1", "ann", "secret");
        await client.OpenAsync();
        await client.WriteAsync(xml);
        Assert.Equal(Error(condition), await client.ReadToEndAsync());
        Assert.Empty(_server.Bound);
    }

    [Fact]
    public async Task Whoever_authenticated_at_one_domain_is_nobody_at_another()
    {
        await using var client = await TcpTestClient.ConnectAsync(_server.Port);
        await client.OpenAsync("one.test");
        await RunAsync(client, "SCRAM-SHA-1", "ann", "secret");
        await client.WriteAsync(TcpTestClient.Header("two.test"));
        Assert.EndsWith(Error("not-authorized"), await client.ReadToEndAsync(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_bound_stream_ends_as_its_session_says_and_by_what_is_no_stanza()
    {
        _server.OnStanza = (_, e) => e["from"] is null ? null : "invalid-from";
        await using var client = await TcpTestClient.ConnectAsync(_server.Port);
        await client.LogInAsync();
        await client.WriteAsync("<message/><message from='bob@one.test'/><message id='late'/>");
        Assert.Equal(Error("invalid-from"), await client.ReadToEndAsync());
        Assert.Equal(2, (await _server.BoundAsync()).Received.Count);

        await using var other = await TcpTestClient.ConnectAsync(_server.Port);
        await other.LogInAsync();
        await other.WriteAsync("<active xmlns='urn:xmpp:other'/>");
        Assert.Equal(Error("unsupported-stanza-type"), await other.ReadToEndAsync());
    }

    [Fact]
    public async Task A_session_that_throws_ends_its_own_stream_only()
    {
        _server.OnStanza = (_, e) => e["id"] == "boom" ? throw new InvalidOperationException("boom") : null;
        await using var bystander = await TcpTestClient.ConnectAsync(_server.Port);
        await bystander.LogInAsync();
        await using var client = await TcpTestClient.ConnectAsync(_server.Port);
        await client.LogInAsync();
        await client.WriteAsync("<message id='boom'/>");
        Assert.Equal(Error("internal-server-error"), await client.ReadUntilAsync("</stream:stream>"));
        await bystander.WriteAsync("<message id='fine'/>");
        var session = await _server.BoundAsync();
        await StreamServer.Until(() => session.Received.Count == 1);
    }

    [Fact]
    public async Task Whoever_vanishes_is_gone()
    {
        await using var client = await TcpTestClient.ConnectAsync(_server.Port);
        await client.LogInAsync();
        client.Reset();
        var session = await _server.BoundAsync();
        await StreamServer.Until(() => session.Ends == 1 && _server.Open.Count == 0);
        Assert.False(await session.Stream.SendAsync(StreamFloodTests.Message(10), ct: TestContext.Current.CancellationToken));
    }

    [Fact]
    public async Task Random_bytes_never_stop_the_server()
    {
        var random = new Random(7);
        for (var i = 0; i < 60; i++)
        {
            await using var client = await TcpTestClient.ConnectAsync(_server.Port);
            if (i % 2 == 0) await client.OpenAsync();
            var bytes = Encoding.UTF8.GetBytes("<message to='a'><body>&amp;</body></message>");
            for (var n = 0; n < 5; n++) bytes[random.Next(bytes.Length)] = (byte)random.Next(256);
            await client.WriteAsync(bytes);
            if (i % 3 == 0) client.Reset();
        }

        await using var last = await TcpTestClient.ConnectAsync(_server.Port);
        Assert.Equal("ann@one.test/made", await last.LogInAsync());
    }

    private static string Error(string condition) => $"<stream:error><{condition} xmlns='urn:ietf:params:xml:ns:xmpp-streams'/></stream:error></stream:stream>";
}
