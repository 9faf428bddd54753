using System.Net;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.DependencyInjection;
using Parley.tests.Xmpp.Server.Peers;
using Parley.tests.Xmpp.Server.Streams;
using Parley.Plugin.Abstractions;
using Parley.Xmpp.Core.Stanzas;
using Parley.Xmpp.Server.Configuration;
using Parley.Xmpp.Server.Federation;
using Parley.Xmpp.Server.Federation.Negotiation;
using Parley.Xmpp.Server.Federation.Outgoing;
using Parley.Xmpp.Server.Federation.Resolution;
using Parley.Xmpp.Server.Hosting;

namespace Parley.tests.Xmpp.Server.Federation;

/// <summary>Two servers of ours over real connections.</summary>
public sealed class FederationTests : IAsyncDisposable
{
    private readonly TestAuthority _authority = new();
    private readonly FakeResolver _dns = new();
    private readonly List<PeerServer> _servers = [];

    public async ValueTask DisposeAsync()
    {
        foreach (var server in _servers) await server.DisposeAsync();
        _authority.Dispose();
    }

    [Theory]
    [InlineData(true, false)] // both by certificate
    [InlineData(false, false)] // both by dialback
    [InlineData(true, true)] // TLS from the first byte
    public async Task Messages_go_both_ways_in_order(bool hasCertificates, bool isDirectTls)
    {
        var one = await StartAsync("one.test", hasCertificates, isDirectTls);
        var far = await StartAsync("far.test", hasCertificates, isDirectTls);
        var (ann, ben) = (await one.BindAsync("ann@one.test/a"), await far.BindAsync("ben@far.test/b"));
        for (var i = 0; i < 20; i++) Assert.Null(await ann.SendAsync($"<message to='ben@far.test/b' id='{i}'><body>{i}</body></message>"));
        for (var i = 0; i < 20; i++) Assert.Equal($"{i}", ((Message)await ben.Stream.NextAsync()).Body);
        Assert.Null(await ben.SendAsync("<message to='ann@one.test/a'><body>back</body></message>"));
        var back = (Message)await ann.Stream.NextAsync();
        Assert.Equal(("back", "ben@far.test/b"), (back.Body, back.From!.ToString()));
        await StreamServer.Until(() => one.Get<FederationStatus>() is { Incoming: 1, Outgoing: 1, Waiting: 0, Returned: 0 });
        await StreamServer.Until(() => far.Get<FederationStatus>().Waiting == 0);
    }

    [Fact]
    public async Task A_question_is_answered_across_and_errors_come_back()
    {
        var (one, far) = (await StartAsync("one.test"), await StartAsync("far.test"));
        var ann = await one.BindAsync("ann@one.test/a");
        Assert.Equal(StanzaCondition.ServiceUnavailable, await ann.RefusedAsync("<message to='nobody@far.test' type='chat' id='1'><body>?</body></message>"));
        var info = await ann.AskAsync("<iq type='get' id='2' to='far.test'><query xmlns='http://jabber.org/protocol/disco#info'/></iq>");
        Assert.Equal("result", info.Type);
        var asked = await far.Get<IIqClient>().RequestAsync("get", "far.test", "one.test", new Parley.Xmpp.Core.Xml.Element("query", Parley.Xmpp.Core.Ns.DiscoInfo), ct: TestContext.Current.CancellationToken);
        Assert.False(asked.IsError);
    }

    [Fact]
    public async Task What_waits_for_a_server_that_restarts_arrives_once_it_is_back()
    {
        var (one, far) = (await StartAsync("one.test"), await StartAsync("far.test"));
        var ann = await one.BindAsync("ann@one.test/a");
        Assert.Null(await ann.SendAsync("<message to='ben@far.test' type='chat'><body>hello</body></message>"));
        Assert.Equal(StanzaCondition.ServiceUnavailable, StanzaError.Of(await ann.Stream.NextAsync()).Condition); // there is no Ben yet, and no offline storage
        await far.DisposeAsync();
        for (var i = 0; i < 5; i++) Assert.Null(await ann.SendAsync($"<message to='ben@far.test/b' type='chat'><body>{i}</body></message>"));
        await Task.Delay(300, TestContext.Current.CancellationToken);
        Assert.Equal(5, one.Get<FederationStatus>().Waiting);
        far = await StartAsync("far.test");
        var ben = await far.BindAsync("ben@far.test/b");
        for (var i = 0; i < 5; i++) Assert.Equal($"{i}", ((Message)await ben.Stream.NextAsync()).Body);
        await StreamServer.Until(() => one.Get<FederationStatus>().Waiting == 0);
        ann.Stream.Nothing();
    }

    [Fact]
    public async Task A_server_that_does_not_come_back_in_time_returns_what_waits()
    {
        var one = await StartAsync("one.test", options: o => o.RetryTime = TimeSpan.FromSeconds(2));
        _dns.Set("far.test", (1, false)); // nothing listens there
        var ann = await one.BindAsync("ann@one.test/a");
        Assert.Null(await ann.SendAsync("<message to='ben@far.test' id='m'><body>x</body></message>"));
        Assert.Null(await ann.SendAsync("<presence to='ben@far.test'/>"));
        await Task.Delay(500, TestContext.Current.CancellationToken);
        ann.Stream.Nothing();
        Assert.Equal(["far.test"], (List<string>)one.Get<FederationStatus>().Read()["unreachable"]!);
        var answer = await ann.Stream.NextAsync();
        Assert.Equal(("m", StanzaCondition.RemoteServerTimeout), (answer.Id, StanzaError.Of(answer).Condition));
        await StreamServer.Until(() => one.Get<FederationStatus>().Waiting == 0);
        // The server is not asked for each stanza.
        var asked = _dns.Questions;
        Assert.Null(await ann.SendAsync("<message to='ben@far.test' id='n'><body>x</body></message>"));
        Assert.Equal(asked, _dns.Questions);
    }

    [Fact]
    public async Task A_domain_that_does_not_exist_is_told_at_once_and_not_looked_for_again_soon()
    {
        var one = await StartAsync("one.test");
        var ann = await one.BindAsync("ann@one.test/a");
        for (var i = 0; i < 3; i++) Assert.Equal(StanzaCondition.RemoteServerNotFound, await ann.RefusedAsync($"<message to='ben@nowhere.test' id='{i}'/>"));
        Assert.Equal(1, _dns.Questions);
    }

    [Fact]
    public async Task What_may_wait_is_bounded_in_stanzas_bytes_and_domains()
    {
        var one = await StartAsync("one.test", options: o => (o.QueueStanzas, o.QueueBytes, o.MaxDomains) = (3, 10_000, 2));
        foreach (var domain in new[] { "a.test", "b.test", "c.test" }) _dns.Set(domain, (1, false));
        var ann = await one.BindAsync("ann@one.test/a");
        for (var i = 0; i < 3; i++) Assert.Null(await ann.SendAsync($"<message to='a.test' id='{i}'/>"));
        Assert.Equal(StanzaCondition.ResourceConstraint, await ann.RefusedAsync("<message to='a.test' id='3'/>"));
        Assert.Null(await ann.SendAsync($"<message to='b.test' id='large'><body>{new string('x', 20_000)}</body></message>")); // one alone may be large
        Assert.Equal(StanzaCondition.ResourceConstraint, await ann.RefusedAsync("<message to='b.test' id='more'/>"));
        Assert.Equal(StanzaCondition.ResourceConstraint, await ann.RefusedAsync("<message to='c.test' id='third'/>"));
    }

    [Fact]
    public async Task One_sender_cannot_take_all_domains()
    {
        var one = await StartAsync("one.test", options: o => (o.RetryTime, o.MaxDomains, o.MaxDomainsPerSender) = (TimeSpan.FromSeconds(2), 5, 2));
        foreach (var domain in new[] { "a.test", "b.test", "c.test" }) _dns.Set(domain, (1, false));
        var (ann, ben) = (await one.BindAsync("ann@one.test/a"), await one.BindAsync("ben@one.test/b"));
        Assert.Null(await ann.SendAsync("<message to='a.test' id='1'/>"));
        Assert.Null(await ann.SendAsync("<message to='b.test' id='2'/>"));
        Assert.Equal(StanzaCondition.ResourceConstraint, await ann.RefusedAsync("<message to='c.test' id='3'/>"));
        Assert.Null(await ann.SendAsync("<message to='a.test' id='4'/>"));
        Assert.Null(await ben.SendAsync("<message to='c.test' id='5'/>"));
        Assert.Null(await ann.SendAsync("<message to='c.test' id='6'/>")); // somebody else's is there already
        // What is over counts no longer.
        await StreamServer.Until(() => one.Get<FederationStatus>().Waiting == 0);
        _dns.Set("d.test", (1, false));
        Assert.Null(await ann.SendAsync("<message to='d.test' id='7'/>"));
    }

    [Fact]
    public async Task A_stream_that_is_idle_makes_way_for_another_domain()
    {
        var one = await StartAsync("one.test", options: o => o.MaxDomains = 2);
        var far = await StartAsync("far.test");
        foreach (var domain in new[] { "a.test", "b.test", "c.test" }) _dns.Set(domain, (1, false));
        var (ann, ben) = (await one.BindAsync("ann@one.test/a"), await far.BindAsync("ben@far.test/b"));
        Assert.Null(await ann.SendAsync("<message to='a.test' id='1'/>"));
        Assert.Null(await ann.SendAsync("<message to='ben@far.test/b' id='2'><body>first</body></message>"));
        Assert.Equal("first", ((Message)await ben.Stream.NextAsync()).Body);
        await StreamServer.Until(() => one.Get<FederationStatus>().Waiting == 1); // acknowledged

        Assert.Null(await ann.SendAsync("<message to='b.test' id='3'/>"));

        Assert.Equal(StanzaCondition.ResourceConstraint, await ann.RefusedAsync("<message to='c.test' id='4'/>"));
        Assert.Equal(StanzaCondition.ResourceConstraint, await ann.RefusedAsync("<message to='ben@far.test/b' id='5'/>"));
        await StreamServer.Until(() => far.Get<FederationStatus>().Incoming == 0); // closed, not forgotten
    }

    [Fact]
    public async Task One_network_address_does_not_take_all_questions_of_dialback()
    {
        var one = await StartAsync("one.test");
        var (gate, verifier, asked) = (new TaskCompletionSource(), one.Get<DialbackVerifier>(), 0);
        _dns.Gate = gate.Task;
        Task<DialbackVerdict> Ask(string address) => verifier.AskAsync(IPAddress.Parse(address), "one.test", $"d{asked++}.test", new DialbackQuestion("id", "key"), TestContext.Current.CancellationToken);
        var all = Enumerable.Range(0, DialbackVerifier.MostOfAddress).Select(i => Ask($"2001:db8::{i}")).ToList();

        Assert.Equal(DialbackVerdict.Unknown, await Ask("2001:db8::ffff").WaitAsync(TimeSpan.FromSeconds(5), TestContext.Current.CancellationToken));
        all.Add(Ask("2001:db8:0:1::1"));
        all.Add(Ask("192.0.2.1"));
        await Task.Delay(50, TestContext.Current.CancellationToken);
        Assert.All(all, a => Assert.False(a.IsCompleted));
        Assert.Equal(all.Count, _dns.Questions);

        gate.SetResult();
        await Task.WhenAll(all);
        await Ask("2001:db8::ffff");
        Assert.Equal(all.Count + 1, _dns.Questions);
    }

    [Fact]
    public async Task A_certificate_that_proves_nothing_is_not_enough_where_dialback_is_off()
    {
        var one = await StartAsync("one.test", options: o => o.Dialback = false);
        await StartAsync("far.test", hasCertificate: false);
        var ann = await one.BindAsync("ann@one.test/a");
        var answer = await ann.AskAsync("<message to='ben@far.test' id='1'/>");
        Assert.Equal(StanzaCondition.RemoteServerNotFound, StanzaError.Of(answer).Condition);
        Assert.Contains("certificate", StanzaError.Of(answer).Text, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Each_domain_of_a_server_proves_itself_by_the_certificate_of_its_own(bool isDirectTls)
    {
        var one = await StartAsync("one.test", isDirectTls: isDirectTls, options: o => o.Dialback = false, further: "two.test");
        var far = await StartAsync("far.test", isDirectTls: isDirectTls, options: o => o.Dialback = false);
        var ben = await far.BindAsync("ben@far.test/b");
        foreach (var domain in new[] { "one.test", "two.test" })
        {
            var ann = await one.BindAsync($"ann@{domain}/a");
            Assert.Null(await ann.SendAsync("<message to='ben@far.test/b'><body>hi</body></message>"));
            Assert.Equal($"ann@{domain}/a", (await ben.Stream.NextAsync()).From!.ToString());
            Assert.Null(await ben.SendAsync($"<message to='ann@{domain}/a'><body>back</body></message>"));
            Assert.Equal("back", ((Message)await ann.Stream.NextAsync()).Body);
        }
    }

    [Fact]
    public async Task Whoever_the_operator_denies_is_spoken_with_in_neither_direction()
    {
        var one = await StartAsync("one.test", options: o => o.Deny.Add("far.test"));
        var far = await StartAsync("far.test");
        var (ann, ben) = (await one.BindAsync("ann@one.test/a"), await far.BindAsync("ben@far.test/b"));
        Assert.Equal(StanzaCondition.NotAllowed, await ann.RefusedAsync("<message to='ben@far.test' id='1'/>"));
        Assert.Equal(StanzaCondition.RemoteServerNotFound, await ben.RefusedAsync("<message to='ann@one.test' id='2'/>"));
        ann.Stream.Nothing();
    }

    [Fact]
    public async Task Guests_never_reach_another_server_nor_it_them()
    {
        var (one, far) = (await StartAsync("one.test"), await StartAsync("far.test"));
        var ben = await far.BindAsync("ben@far.test/b");
        _dns.Set("guest.one.test", (one.PortAt(0), false));
        Assert.Equal(StanzaCondition.RemoteServerNotFound, await ben.RefusedAsync("<message to='g@guest.one.test/r' id='1'/>"));
        Assert.Equal(0, one.Get<FederationStatus>().Incoming);
    }

    [Fact]
    public async Task Directed_presence_ends_across_servers_when_the_session_does()
    {
        var (one, far) = (await StartAsync("one.test"), await StartAsync("far.test"));
        var (ann, ben) = (await one.BindAsync("ann@one.test/a"), await far.BindAsync("ben@far.test/b"));
        Assert.Null(await ann.SendAsync("<presence to='ben@far.test/b'/>"));
        Assert.True(((Presence)await ben.Stream.NextAsync()).IsAvailable);
        await ann.Bound.EndAsync();
        Assert.Equal("unavailable", (await ben.Stream.NextAsync()).Type);
    }

    private async Task<PeerServer> StartAsync(string domain, bool hasCertificate = true, bool isDirectTls = false, Action<FederationOptions>? options = null, string? further = null)
    {
        var federation = new FederationOptions { Enabled = true, RequireTls = true, TrustedRoots = _authority.Roots };
        options?.Invoke(federation);
        var server = await PeerServer.StartAsync(
            o => new XmppServerSettings(
                new ServerOptions
                {
                    Domain = domain,
                    Domains = further is null ? [] : [further],
                    BindAddress = "127.0.0.1",
                    DataDirectory = o.DataDirectory,
                    Certificate = hasCertificate ? _authority.Certify(domain) : null,
                    Certificates = further is null ? [] : [new() { Domain = further, Certificate = _authority.Certify(further) }],
                },
                new(),
                new(),
                new())
            {
                Federation = federation,
                Limits = new StreamLimits { CloseTime = TimeSpan.FromMilliseconds(50) },
            },
            kestrel => Listen(kestrel, isDirectTls),
            services => services.AddSingleton<IServerResolver>(_dns));
        _servers.Add(server);
        _dns.Set(domain, (server.PortAt(0), isDirectTls));
        if (further is not null) _dns.Set(further, (server.PortAt(0), isDirectTls));
        return server;
    }

    private static void Listen(KestrelServerOptions kestrel, bool isDirectTls) => PeerServer.OnLoopback(kestrel, l => l.UseXmppServers(isDirectTls));
}
