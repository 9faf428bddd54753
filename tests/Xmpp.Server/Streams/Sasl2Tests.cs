using System.Text;
using Parley.Xmpp.Core.Stanzas;
using static Parley.tests.Xmpp.Server.Streams.Sasl2Client;

namespace Parley.tests.Xmpp.Server.Streams;

/// <summary>Authentication, resumption and binding in one breath (XEP-0388, XEP-0386) over sockets.</summary>
public sealed class Sasl2Tests : IAsyncLifetime
{
    private const string Bind = "<bind xmlns='urn:xmpp:bind:0'><tag>Test</tag></bind>";
    private const string Managed = "<bind xmlns='urn:xmpp:bind:0'><enable xmlns='urn:xmpp:sm:3' resume='true'/></bind>";

    private StreamServer _server = null!;

    public async ValueTask InitializeAsync() => _server = await StreamServer.StartAsync(o => o.ClientState.Enabled = true);

    public ValueTask DisposeAsync() => _server.DisposeAsync();

    [Fact]
    public async Task It_is_offered_with_all_that_goes_along_under_TLS_alone()
    {
        await using var client = await ConnectAsync();
        var features = await client.OpenAsync();
        Assert.Contains("<authentication xmlns='urn:xmpp:sasl:2'><mechanism>SCRAM-SHA-512</mechanism>", features, StringComparison.Ordinal);
        Assert.Contains("<sm xmlns='urn:xmpp:sm:3'/><bind xmlns='urn:xmpp:bind:0'><inline><feature var='urn:xmpp:csi:0'/><feature var='urn:xmpp:sm:3'/></inline></bind>", features, StringComparison.Ordinal);
        await using var plain = await TcpTestClient.ConnectAsync(_server.Port);
        Assert.DoesNotContain(Namespace, await plain.OpenAsync(), StringComparison.Ordinal);
        await plain.WriteAsync($"<authenticate xmlns='{Namespace}' mechanism='SCRAM-SHA-256'/>");
        await plain.ReadUntilAsync("unsupported-stanza-type");
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_client_logs_in_and_binds_by_one_element(bool isWebSocket)
    {
        await using TestClient client = isWebSocket ? await WebSocketTestClient.ConnectAsync(_server.HttpsPort, tls: true) : await ConnectAsync();
        await client.OpenAsync();
        var success = await PlainAsync(client, Bind);
        Assert.StartsWith($"<success xmlns='{Namespace}'><authorization-identifier>ann@one.test/Test/", success, StringComparison.Ordinal);
        Assert.Contains("<bound xmlns='urn:xmpp:bind:0'/>", success, StringComparison.Ordinal);
        Assert.DoesNotContain("urn:ietf:params:xml:ns:xmpp-bind", success, StringComparison.Ordinal);
        Assert.Contains("<sm xmlns='urn:xmpp:sm:3'><optional/></sm>", success, StringComparison.Ordinal);
        var session = await _server.BoundAsync();
        Assert.Equal(Jid(success), session.Jid.ToString());
        await client.WriteAsync("<message xmlns='jabber:client' id='1'/>");
        await StreamServer.Until(() => session.Received.Count == 1);
        await session.Stream.SendAsync(ManagedClient.Message("2"), null, TestContext.Current.CancellationToken);
        await client.ReadUntilAsync("id='2'");
    }

    [Fact]
    public async Task SCRAM_runs_as_ever_and_tells_what_was_offered()
    {
        await using var client = await ConnectAsync();
        await client.OpenAsync();
        await client.WriteAsync($"<authenticate xmlns='{Namespace}' mechanism='SCRAM-SHA-256'><initial-response>{ScramClient.Base64("n,,n=ann,r=client")}</initial-response></authenticate>");
        var challenge = await client.ReadUntilAsync("</challenge>");
        Assert.StartsWith($"<challenge xmlns='{Namespace}'>", challenge, StringComparison.Ordinal);
        var text = Encoding.UTF8.GetString(Convert.FromBase64String(challenge.Split('>')[1].Split('<')[0]));
        var offered = Convert.ToBase64String(System.Security.Cryptography.SHA256.HashData("PLAIN\x1eSCRAM-SHA-1\x1eSCRAM-SHA-256\x1eSCRAM-SHA-512"u8));
        Assert.EndsWith($",i=4096,h={offered},t=0304", text, StringComparison.Ordinal);
        var final = ScramClient.Final("SCRAM-SHA-256", "n=ann,r=client", text, "secret", "n,,", []);
        await client.WriteAsync($"<response xmlns='{Namespace}'>{ScramClient.Base64(final.Message)}</response>");
        var success = await OutcomeAsync(client);
        Assert.Contains($"<additional-data>{ScramClient.Base64(final.Signature)}</additional-data><authorization-identifier>ann@one.test</authorization-identifier>", success, StringComparison.Ordinal);
        // Nothing was wanted with it, so that a resource is bound the old way, without a new stream.
        Assert.Contains("<bind xmlns='urn:ietf:params:xml:ns:xmpp-bind'>", success, StringComparison.Ordinal);
        Assert.Equal("ann@one.test/made", await client.BindAsync());
    }

    [Fact]
    public async Task What_fails_binds_nothing_and_may_be_tried_again()
    {
        await using var client = await ConnectAsync();
        await client.OpenAsync();
        Assert.Equal($"<failure xmlns='{Namespace}'><not-authorized xmlns='urn:ietf:params:xml:ns:xmpp-sasl'/></failure>", await PlainAsync(client, Bind, password: "guess"));
        await client.WriteAsync($"<authenticate xmlns='{Namespace}' mechanism='X'/>");
        Assert.Contains("<invalid-mechanism ", await client.ReadUntilAsync("</failure>"), StringComparison.Ordinal);
        await client.WriteAsync($"<authenticate xmlns='{Namespace}' mechanism='SCRAM-SHA-256'/>");
        Assert.Equal($"<challenge xmlns='{Namespace}'/>", await client.ReadUntilAsync("/>"));
        await client.WriteAsync($"<abort xmlns='{Namespace}'/>");
        Assert.Contains("<aborted ", await client.ReadUntilAsync("</failure>"), StringComparison.Ordinal);
        Assert.Empty(_server.Bound);
        Assert.StartsWith("<success", await PlainAsync(client, Bind), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Whoever_says_who_it_is_may_not_ask_to_be_another()
    {
        await using var client = await ConnectAsync();
        await client.WriteAsync(TcpTestClient.Header("one.test").Replace(" to=", " from='ben@one.test' to=", StringComparison.Ordinal));
        await client.ReadUntilAsync("</stream:features>");
        Assert.Contains("invalid-authzid", await SendAsync(client, "PLAIN", Encoding.UTF8.GetBytes("ann@one.test\0ann\0secret"), ""), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Anything_else_while_it_authenticates_ends_the_stream()
    {
        await using var client = await ConnectAsync();
        await client.OpenAsync();
        await client.WriteAsync($"<authenticate xmlns='{Namespace}' mechanism='SCRAM-SHA-256'/><response xmlns='urn:ietf:params:xml:ns:xmpp-sasl'/>");
        await client.ReadUntilAsync("unsupported-stanza-type");
    }

    [Fact]
    public async Task The_same_installation_has_the_same_resource_and_another_has_another()
    {
        async Task<string> ResourceAsync(string? installation, string bind = Bind)
        {
            await using var client = await ConnectAsync();
            await client.OpenAsync();
            return Jid(await PlainAsync(client, bind, installation: installation));
        }

        var first = await ResourceAsync(Installation);
        Assert.DoesNotContain(Installation, first, StringComparison.Ordinal);
        Assert.Equal(first, await ResourceAsync(Installation));
        Assert.NotEqual(first, await ResourceAsync("c4565fa7-4d72-4749-b3d3-740edbf87770"));
        Assert.NotEqual(await ResourceAsync(null), await ResourceAsync(null));
        // A name that no resource can bear.
        Assert.DoesNotContain("xxx", await ResourceAsync(Installation, $"<bind xmlns='urn:xmpp:bind:0'><tag>{new string('x', 1100)}</tag></bind>"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Stream_management_begins_with_the_resource_and_counts_what_others_sent_meanwhile()
    {
        _server.OnBind = bound =>
        {
            Assert.True(bound.Stream.SendAsync(ManagedClient.Message("early")).AsTask().IsCompletedSuccessfully);
            return null;
        };
        var client = await ConnectAsync();
        await client.OpenAsync();
        var success = await PlainAsync(client, Managed);
        Assert.Contains("<bound xmlns='urn:xmpp:bind:0'><enabled xmlns='urn:xmpp:sm:3' id='", success, StringComparison.Ordinal);
        Assert.DoesNotContain("<sm ", success, StringComparison.Ordinal);
        var id = ManagedClient.Attribute(success[success.IndexOf("<enabled", StringComparison.Ordinal)..], "id");
        Assert.Equal(["early"], await client.MessagesAsync());
        client.Reset();
        await StreamServer.Until(() => _server.Open.Detached == 1);

        // And is resumed the same way, with what was not acknowledged behind it.
        await using var again = await ConnectAsync();
        await again.OpenAsync();
        var resumed = await PlainAsync(again, $"<resume xmlns='urn:xmpp:sm:3' previd='{id}' h='0'/>{Bind}");
        Assert.Equal(Jid(success), Jid(resumed));
        Assert.Contains($"<resumed xmlns='urn:xmpp:sm:3' previd='{id}' h='0'/></success>", resumed, StringComparison.Ordinal);
        Assert.DoesNotContain("bound", resumed, StringComparison.Ordinal);
        Assert.Equal(["early"], await again.MessagesAsync());
        Assert.Single(_server.Bound);
        await again.WriteAsync("</stream:stream>");
    }

    [Theory]
    [InlineData("previd='unknown' h='0'", "item-not-found")]
    [InlineData("previd='unknown'", "bad-request")]
    public async Task What_cannot_be_resumed_is_bound_anew(string resume, string condition)
    {
        await using var client = await ConnectAsync();
        await client.OpenAsync();
        var success = await PlainAsync(client, $"<resume xmlns='urn:xmpp:sm:3' {resume}/>{Bind}");
        Assert.Contains($"<failed xmlns='urn:xmpp:sm:3'><{condition} xmlns='urn:ietf:params:xml:ns:xmpp-stanzas'/></failed><bound ", success, StringComparison.Ordinal);
        Assert.Single(_server.Bound);
    }

    [Fact]
    public async Task A_client_may_begin_inactive()
    {
        await using var client = await ConnectAsync();
        await client.OpenAsync();
        await PlainAsync(client, "<bind xmlns='urn:xmpp:bind:0'><inactive xmlns='urn:xmpp:csi:0'/></bind>");
        var session = await _server.BoundAsync();
        Assert.True(Stanza.TryRead(Routing.TestXml.Read("<presence from='ben@one.test/b' id='1'/>"), out var presence, out _));
        await session.Stream.SendAsync(presence, null, TestContext.Current.CancellationToken);
        await client.WriteAsync("<active xmlns='urn:xmpp:csi:0'/>");
        await client.ReadUntilAsync("id='1'");
    }

    [Fact]
    public async Task Whoever_proved_what_counts_no_more_binds_nothing()
    {
        _server.OnBind = _ =>
        {
            _server.Password = "changed";
            return null;
        };
        await using var client = await ConnectAsync();
        await client.OpenAsync();
        await client.WriteAsync($"<authenticate xmlns='{Namespace}' mechanism='PLAIN'><initial-response>{ScramClient.Base64("\0ann\0secret")}</initial-response>{Bind}</authenticate>");
        Assert.DoesNotContain("<success", await client.ReadUntilAsync("<not-authorized"), StringComparison.Ordinal);
        await StreamServer.Until(() => _server.Bound.Single().Ends == 1);
    }

    [Fact]
    public async Task An_account_with_too_many_sessions_hears_so()
    {
        _server.OnBind = _ => StanzaCondition.ResourceConstraint;
        await using var client = await ConnectAsync();
        await client.OpenAsync();
        await client.WriteAsync($"<authenticate xmlns='{Namespace}' mechanism='PLAIN'><initial-response>{ScramClient.Base64("\0ann\0secret")}</initial-response>{Managed}</authenticate>");
        await client.ReadUntilAsync("<resource-constraint");
    }

    [Fact]
    public async Task Stanzas_are_as_large_as_behind_the_old_profile()
    {
        await using var client = await ConnectAsync();
        await client.OpenAsync();
        await PlainAsync(client, Bind);
        var session = await _server.BoundAsync();
        await client.WriteAsync($"<message xmlns='jabber:client' id='big'><body>{new string('x', 100_000)}</body></message>");
        await StreamServer.Until(() => session.Received.Count == 1);
    }

    private Task<TcpTestClient> ConnectAsync() => TcpTestClient.ConnectAsync(_server.TlsPort, tls: true);
}
