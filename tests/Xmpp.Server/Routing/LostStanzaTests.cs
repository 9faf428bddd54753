using Parley.Plugin.Abstractions;
using Parley.Xmpp.Core.Stanzas;
using Parley.Xmpp.Server.Sessions;

namespace Parley.tests.Xmpp.Server.Routing;

/// <summary>XEP-0198 section 4: what a client never had goes where it would go without that client.</summary>
public sealed class LostStanzaTests
{
    private const string Propose = "<propose xmlns='urn:xmpp:jingle-message:0' id='c'/>", Retract = "<retract xmlns='urn:xmpp:jingle-message:0' id='c'/>";

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_message_goes_to_the_other_resource_with_its_time_and_only_if_it_did_not_arrive()
    {
        await using var server = new TestServer();
        var ann = await server.BindAsync("ann@one.test/a");
        var (phone, desk) = (await BindManagedAsync(server, "ben@one.test/phone"), await server.BindAsync("ben@one.test/desk"));
        await ann.SendAsync("<message to='ben@one.test/phone' type='chat' id='1'><body>had</body></message>");
        phone.Stream.Acknowledge();
        var since = server.Time.GetUtcNow();
        await ann.SendAsync("<message to='ben@one.test/phone' type='chat' id='2'><body>lost</body></message>");
        server.Time.Advance(TimeSpan.FromMinutes(2));
        await phone.Bound.EndAsync();

        var message = Assert.IsType<Message>(desk.Stream.Take()[^1]);
        Assert.Equal(("2", "lost", ann.Jid), (message.Id, message.Body, message.From));
        Assert.Equal(since, DelayStamp.Read(message, "one.test"));
        Assert.DoesNotContain(desk.Stream.Take(), s => s is Message);
        Assert.DoesNotContain(ann.Stream.Take(), s => s is Message);
    }

    [Fact]
    public async Task What_is_lost_twice_keeps_its_first_time()
    {
        await using var server = new TestServer();
        var ann = await server.BindAsync("ann@one.test/a");
        var phone = await BindManagedAsync(server, "ben@one.test/phone");
        var since = server.Time.GetUtcNow();
        await ann.SendAsync("<message to='ben@one.test' type='chat' id='1'><body>x</body></message>");
        server.Time.Advance(TimeSpan.FromMinutes(2));
        var laptop = await BindManagedAsync(server, "ben@one.test/laptop");
        await phone.Bound.EndAsync();
        Assert.Equal(since, DelayStamp.Read(Messages(laptop).Single(), "one.test"));
        var stored = new List<(Message Message, DateTimeOffset? Received)>();
        server.OnMessage(StanzaPoint.ToLocalAccount, (message, context) =>
        {
            stored.Add((message, context.Received));
            return Interception.Handled;
        });
        server.Time.Advance(TimeSpan.FromMinutes(2));
        await laptop.Bound.EndAsync();
        var (last, received) = Assert.Single(stored);
        Assert.Equal((since, since), (DelayStamp.Read(last, "one.test"), received));
    }

    [Fact]
    public async Task Without_another_resource_and_without_a_store_the_sender_hears_of_it()
    {
        await using var server = new TestServer();
        var ann = await server.BindAsync("ann@one.test/a");
        var phone = await BindManagedAsync(server, "ben@one.test/phone");
        await ann.SendAsync("<message to='ben@one.test' type='chat' id='1'><body>x</body></message>");
        await ann.SendAsync("<message to='ben@one.test/phone' type='groupchat' id='2'><body>x</body></message>");
        await ann.SendAsync("<message to='ben@one.test/phone' type='headline' id='3'><body>x</body></message>");
        await phone.Bound.EndAsync();
        var errors = Messages(ann);
        Assert.Equal(["1", "2"], errors.Select(e => e.Id));
        Assert.All(errors, e => Assert.Equal(StanzaCondition.ServiceUnavailable, StanzaError.Of(e).Condition));
    }

    [Fact]
    public async Task A_request_is_answered_and_answers_and_presence_are_of_no_use_to_others()
    {
        await using var server = new TestServer();
        var ann = await server.BindAsync("ann@one.test/a");
        var (phone, desk) = (await BindManagedAsync(server, "ben@one.test/phone"), await server.BindAsync("ben@one.test/desk"));
        await ann.SendAsync("<iq to='ben@one.test/phone' type='get' id='q'><query xmlns='x'/></iq>");
        await ann.SendAsync("<iq to='ben@one.test/phone' type='result' id='r'/>");
        await ann.SendAsync("<presence to='ben@one.test/phone'/>");
        await phone.Bound.EndAsync();
        var answer = Assert.Single(ann.Stream.Take().OfType<Iq>());
        Assert.Equal(("q", "error", phone.Jid), (answer.Id, answer.Type, answer.From));
        Assert.Equal(StanzaCondition.ServiceUnavailable, StanzaError.Of(answer).Condition);
        Assert.DoesNotContain(desk.Stream.Take(), s => s is Iq || s.From == ann.Jid);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Of_a_message_for_several_the_last_that_loses_it_gives_it_on_unless_one_has_it(bool has)
    {
        await using var server = new TestServer();
        var ann = await server.BindAsync("ann@one.test/a");
        var (phone, desk) = (await BindManagedAsync(server, "ben@one.test/phone"), await BindManagedAsync(server, "ben@one.test/desk"));
        var kept = Keep(server);
        await ann.SendAsync("<message to='ben@one.test' type='chat' id='1'><body>x</body></message>");
        Assert.Single(Take(kept)); // on its way to them, the store saw it and let it pass
        await phone.Bound.EndAsync();
        Assert.Empty(kept);
        if (has) desk.Stream.Acknowledge();
        await desk.Bound.EndAsync();
        Assert.Equal(has ? 0 : 1, kept.Count);
    }

    [Theory]
    [InlineData(true, true)]
    [InlineData(true, false)]
    [InlineData(false, true)]
    [InlineData(false, false)]
    public async Task A_message_of_which_others_have_a_copy_is_given_on_only_if_none_has_it(bool copyArrives, bool copyLast)
    {
        await using var server = new TestServer();
        var ann = await server.BindAsync("ann@one.test/a");
        var (phone, desk) = (await BindManagedAsync(server, "ben@one.test/phone"), await BindManagedAsync(server, "ben@one.test/desk"));
        server.OnMessage(StanzaPoint.ToSession, (message, context) =>
        {
            if (context.Session!.Jid != phone.Jid || message.Id != "1") return Interception.Continue;
            var copy = TestXml.Read($"<message from='ben@one.test' to='{desk.Jid}' id='copy'><received xmlns='urn:xmpp:carbons:2'/></message>");
            var sending = desk.Session.SendCopyAsync(new Message(copy), message, Ct).AsTask();
            Assert.True(sending.IsCompletedSuccessfully);
            return Interception.Continue;
        });
        await ann.SendAsync("<message to='ben@one.test/phone' type='chat' id='1'><body>x</body></message>");
        Assert.Equal("copy", Assert.Single(Messages(desk)).Id);
        var kept = Keep(server);
        foreach (var client in copyLast ? [phone, desk] : new[] { desk, phone })
        {
            if (client == desk && copyArrives) desk.Stream.Acknowledge();
            await client.Bound.EndAsync();
        }

        Assert.Equal(copyArrives ? [] : ["1"], kept.Select(k => k.Id));
    }

    [Fact]
    public async Task What_a_stream_without_acknowledgements_could_not_write_goes_elsewhere_too()
    {
        await using var server = new TestServer();
        var ann = await server.BindAsync("ann@one.test/a");
        var (phone, desk) = (await server.BindAsync("ben@one.test/phone"), await server.BindAsync("ben@one.test/desk"));
        await ann.SendAsync("<message to='ben@one.test/phone' type='chat' id='1'><body>x</body></message>");
        var unwritten = Messages(phone).Single();
        await phone.Bound.EndAsync();
        await phone.Bound.LoseAsync([new Undelivered(unwritten, server.Time.GetUtcNow(), null)]);
        Assert.Equal("1", Messages(desk).Single().Id);
    }

    [Theory]
    [InlineData(30, "", "propose")]
    [InlineData(90, "", "")]
    [InlineData(30, Retract, "retract")]
    public async Task A_call_that_is_over_rings_nowhere_else(int seconds, string end, string expected)
    {
        await using var server = new TestServer();
        var ann = await server.BindAsync("ann@one.test/a");
        var phone = await BindManagedAsync(server, "ben@one.test/phone");
        await ann.SendAsync($"<message to='ben@one.test' type='chat'>{Propose}</message>");
        if (end.Length > 0) await ann.SendAsync($"<message to='ben@one.test' type='chat'>{end}</message>");
        var desk = await server.BindAsync("ben@one.test/desk");
        server.Time.Advance(TimeSpan.FromSeconds(seconds));
        await phone.Bound.EndAsync();
        Assert.Equal(expected, string.Join(' ', Messages(desk).Select(m => m.Element.Children.First().Name)));
    }

    [Fact]
    public async Task A_plugin_hears_whether_what_it_sends_arrives()
    {
        await using var server = new TestServer();
        var phone = await BindManagedAsync(server, "ben@one.test/phone");
        var first = await phone.Session.DeliverAsync(new Message(TestXml.Read("<message id='1'/>")), Ct);
        Assert.False(first.IsCompleted);
        phone.Stream.Acknowledge();
        Assert.True(await first);
        var second = await phone.Session.DeliverAsync(new Message(TestXml.Read("<message from='ann@one.test/a' to='ben@one.test' id='2'/>")), Ct);
        var kept = Keep(server);
        await phone.Bound.EndAsync();
        Assert.False(await second);
        Assert.Empty(kept); // it is the plugin's to send again
        Assert.False(await await phone.Session.DeliverAsync(new Message(TestXml.Read("<message id='3'/>")), Ct));
    }

    private static async Task<Client> BindManagedAsync(TestServer server, string full)
    {
        var client = await server.BindAsync(full);
        (client.Stream.IsManaged, client.Stream.Now) = (true, server.Time.GetUtcNow);
        return client;
    }

    private static Message[] Messages(Client client) => [.. client.Stream.Take().OfType<Message>()];

    private static Message[] Take(List<Message> list)
    {
        Message[] all = [.. list];
        list.Clear();
        return all;
    }

    // As offline storage: takes what nobody is there for.
    private static List<Message> Keep(TestServer server)
    {
        var kept = new List<Message>();
        server.OnMessage(StanzaPoint.ToLocalAccount, (message, _) =>
        {
            kept.Add(message);
            return server.Sessions.Of(message.To!.Bare).Any(s => s.IsAvailable) ? Interception.Continue : Interception.Handled;
        });
        return kept;
    }
}
