using Parley.Plugin.Abstractions;
using Parley.Plugins.Push;
using Parley.Xmpp.Core.Stanzas;

namespace Parley.tests.Plugins.Push;

/// <summary>XEP-0357: who is woken, when, and what the app server learns.</summary>
public sealed class PushTests
{
    private const string Form = "<x xmlns='jabber:x:data' type='submit'><field var='FORM_TYPE'><value>http://jabber.org/protocol/pubsub#publish-options</value></field><field var='secret'><value>s3</value></field></x>";
    private const string Call = "<propose xmlns='urn:xmpp:jingle-message:0' id='1'/>";

    [Fact]
    public async Task An_app_server_is_told_how_many_messages_wait_and_nothing_else()
    {
        await using var lab = await new PushLab().StartAsync();
        await lab.EnableAsync(lab.Bind("ann@one.test/phone", attention: ClientAttention.Away), form: Form);

        await lab.ReceiveAsync("<body>secret words</body>");

        var iq = Assert.Single(await lab.TakeAsync(1));
        Assert.Equal(("set", "ann@one.test", "push.test"), (iq.Type, iq.From!.ToString(), iq.To!.ToString()));
        Assert.Equal(("n1", "1", null, "urn:xmpp:push:summary"), (iq.Payload!.Child("publish")!["node"], PushLab.Field(iq, "message-count"), PushLab.Field(iq, "last-message-sender"), PushLab.Field(iq, "FORM_TYPE")));
        Assert.Contains("s3", iq.Payload.Child("publish-options")!.ToString(), StringComparison.Ordinal);
        Assert.DoesNotContain("secret words", iq.Element.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_sender_is_told_only_where_the_operator_wants()
    {
        await using var lab = await new PushLab(new PushOptions { ShowSender = true }).StartAsync();
        await lab.EnableAsync(lab.Bind("ann@one.test/phone", attention: ClientAttention.Away));

        await lab.ReceiveAsync();

        Assert.Equal("ben@far.test/b", PushLab.Field((await lab.TakeAsync(1))[0], "last-message-sender"));
    }

    [Theory]
    [InlineData(ClientAttention.Active, null, 0, 0)]
    [InlineData(ClientAttention.Active, "dnd", 0, 0)]
    [InlineData(ClientAttention.Active, "away", 0, 1)]
    [InlineData(ClientAttention.Active, "xa", 0, 1)]
    [InlineData(ClientAttention.Active, null, -1, 1)]
    [InlineData(ClientAttention.Inactive, null, 0, 1)]
    [InlineData(ClientAttention.Away, null, 0, 1)]
    public async Task A_computer_that_somebody_sits_at_keeps_the_telephone_quiet(ClientAttention attention, string? show, int priority, int pushes)
    {
        await using var lab = await new PushLab().StartAsync();
        await lab.EnableAsync(lab.Bind("ann@one.test/phone", attention: ClientAttention.Away));
        lab.Bind("ann@one.test/computer", show, priority, attention);

        await lab.ReceiveAsync();

        await lab.TakeAsync(pushes);
    }

    [Fact]
    public async Task A_call_wakes_every_device_that_sleeps_and_none_that_is_awake()
    {
        await using var lab = await new PushLab().StartAsync();
        await lab.EnableAsync(lab.Bind("ann@one.test/phone", attention: ClientAttention.Away), "asleep");
        await lab.EnableAsync(lab.Bind("ann@one.test/tablet"), "awake");

        await lab.ReceiveAsync(Call);

        Assert.Equal("asleep", Assert.Single(await lab.TakeAsync(1)).Payload!.Child("publish")!["node"]);
    }

    [Theory]
    [InlineData("<body>x</body>", "chat", true)]
    [InlineData("<body>x</body>", "groupchat", true)]
    [InlineData("<body>x</body><delay xmlns='urn:xmpp:delay' stamp='2020-01-01T00:00:00Z'/>", "groupchat", false)]
    [InlineData("<subject>x</subject>", "groupchat", false)]
    [InlineData("<body>x</body>", "error", false)]
    [InlineData("<body>x</body>", "headline", false)]
    [InlineData("<encrypted xmlns='eu.siacs.conversations.axolotl'><header/><payload>x</payload></encrypted>", "chat", true)]
    [InlineData("<encrypted xmlns='eu.siacs.conversations.axolotl'><header/></encrypted>", "chat", false)]
    [InlineData("<composing xmlns='http://jabber.org/protocol/chatstates'/>", "chat", false)]
    [InlineData("<received xmlns='urn:xmpp:receipts' id='1'/>", "chat", false)]
    [InlineData("<displayed xmlns='urn:xmpp:chat-markers:0' id='1'/>", "chat", false)]
    [InlineData(Call, "chat", true)]
    [InlineData("<retract xmlns='urn:xmpp:jingle-message:0' id='1'/>", "chat", true)]
    [InlineData("<proceed xmlns='urn:xmpp:jingle-message:0' id='1'/>", "chat", false)]
    [InlineData("<x xmlns='jabber:x:conference' jid='r@c'/>", "normal", true)]
    public async Task Only_what_somebody_would_look_at_wakes_them(string content, string type, bool isPushed)
    {
        await using var lab = await new PushLab().StartAsync();
        await lab.EnableAsync(lab.Bind("ann@one.test/phone", attention: ClientAttention.Away));

        await lab.ReceiveAsync(content, type: type);

        await lab.TakeAsync(isPushed ? 1 : 0);
    }

    [Fact]
    public async Task What_is_for_one_client_wakes_it_if_it_sleeps_and_ones_own_words_wake_nobody()
    {
        await using var lab = await new PushLab().StartAsync();
        var phone = lab.Bind("ann@one.test/phone", attention: ClientAttention.Away);
        await lab.EnableAsync(phone);

        await lab.ReceiveAsync(client: phone);
        await lab.TakeAsync(1);
        await lab.ReceiveAsync(from: "ann@one.test/computer");
        phone.Attention = ClientAttention.Active;
        await lab.ReceiveAsync(Call, client: phone);
        await lab.TakeAsync(0);
    }

    [Fact]
    public async Task Many_messages_are_told_together_and_a_call_does_not_wait()
    {
        await using var lab = await new PushLab().StartAsync();
        await lab.EnableAsync(lab.Bind("ann@one.test/phone", attention: ClientAttention.Away));
        await lab.ReceiveAsync();
        await lab.TakeAsync(1);

        for (var i = 0; i < 10; i++) await lab.ReceiveAsync();
        await lab.TakeAsync(0);
        await lab.ReceiveAsync(Call);
        Assert.Equal("12", PushLab.Field((await lab.TakeAsync(1))[0], "message-count"));
        await lab.ReceiveAsync();
        await lab.TakeAsync(0);
        lab.Time.Advance(TimeSpan.FromSeconds(6));
        Assert.Equal("13", PushLab.Field((await lab.TakeAsync(1))[0], "message-count"));
    }

    [Fact]
    public async Task Who_looks_has_seen_what_was_counted()
    {
        await using var lab = await new PushLab(new PushOptions { Interval = TimeSpan.Zero }).StartAsync();
        await lab.EnableAsync(lab.Bind("ann@one.test/phone", attention: ClientAttention.Away));
        await lab.ReceiveAsync();
        await lab.ReceiveAsync();
        var computer = lab.Bind("ann@one.test/computer");
        for (var i = 0; i < 100 && lab.Queues.Sent == 0; i++) await Task.Delay(10, TestContext.Current.CancellationToken);
        await lab.ReceiveAsync();
        await Task.Delay(100, TestContext.Current.CancellationToken);
        await lab.TakeAsync(lab.Published);

        computer.Attention = ClientAttention.Inactive;
        await lab.ReceiveAsync();

        Assert.Equal("1", PushLab.Field((await lab.TakeAsync(1))[0], "message-count"));
    }

    [Theory]
    [InlineData(StanzaCondition.ItemNotFound)]
    [InlineData(StanzaCondition.Forbidden)]
    [InlineData(StanzaCondition.Gone)]
    [InlineData(StanzaCondition.NotAcceptable)]
    public async Task An_app_server_that_refuses_is_asked_no_more(StanzaCondition condition)
    {
        await using var lab = await new PushLab().StartAsync();
        await lab.EnableAsync(lab.Bind("ann@one.test/phone", attention: ClientAttention.Away));
        lab.Refusal = condition;

        await lab.ReceiveAsync();
        await lab.TakeAsync(1);
        for (var i = 0; i < 100 && lab.Queues.GivenUp == 0; i++) await Task.Delay(10, TestContext.Current.CancellationToken);

        Assert.Empty(await lab.NodesAsync());
        await lab.ReceiveAsync();
        await lab.TakeAsync(0);
    }

    [Fact]
    public async Task One_that_fails_is_left_alone_for_longer_each_time_and_then_given_up_unless_the_client_comes_back()
    {
        await using var lab = await new PushLab().StartAsync();
        var phone = lab.Bind("ann@one.test/phone", attention: ClientAttention.Away);
        await lab.EnableAsync(phone);
        lab.Refusal = StanzaCondition.RemoteServerTimeout;
        await lab.ReceiveAsync();
        await lab.TakeAsync(1);
        await lab.ReceiveAsync();
        await lab.ReceiveAsync(Call);
        lab.Time.Advance(TimeSpan.FromSeconds(50));
        await lab.TakeAsync(0);
        lab.Time.Advance(TimeSpan.FromSeconds(11));
        await lab.TakeAsync(1);
        await lab.ReceiveAsync();
        lab.Time.Advance(TimeSpan.FromSeconds(100));
        await lab.TakeAsync(0); // two minutes now
        await lab.EnableAsync(phone);
        lab.Time.Advance(TimeSpan.FromSeconds(21));
        await lab.TakeAsync(0);

        lab.Refusal = null;
        await lab.ReceiveAsync();
        Assert.Equal("1", PushLab.Field((await lab.TakeAsync(1))[0], "message-count"));

        lab.Refusal = StanzaCondition.RemoteServerNotFound;
        for (var i = 0; i < PushQueues.MaxFailures; i++)
        {
            await lab.ReceiveAsync();
            lab.Time.Advance(TimeSpan.FromHours(3));
            await lab.TakeAsync(1);
        }

        Assert.Empty(await lab.NodesAsync());
    }

    [Theory]
    [InlineData("<disable xmlns='urn:xmpp:push:0' jid='push.test' node='n1'/>")]
    [InlineData("<disable xmlns='urn:xmpp:push:0' jid='push.test'/>")]
    [InlineData(null)]
    public async Task What_waits_for_a_registration_goes_with_it(string? disable)
    {
        await using var lab = await new PushLab().StartAsync();
        var phone = lab.Bind("ann@one.test/phone", attention: ClientAttention.Away);
        await lab.EnableAsync(phone);
        await lab.ReceiveAsync();
        await lab.TakeAsync(1);
        await lab.ReceiveAsync(); // waits for the interval

        if (disable is null) await lab.RemoveAccountAsync();
        else await lab.AskAsync(phone, disable);

        lab.Time.Advance(TimeSpan.FromSeconds(6));
        await lab.TakeAsync(0);
        if (disable is null) return;
        await lab.EnableAsync(phone);
        await lab.ReceiveAsync();
        Assert.Equal("1", PushLab.Field((await lab.TakeAsync(1))[0], "message-count"));
    }

    [Fact]
    public async Task What_waits_for_another_registration_stays()
    {
        await using var lab = await new PushLab().StartAsync();
        var phone = lab.Bind("ann@one.test/phone", attention: ClientAttention.Away);
        await lab.EnableAsync(phone);
        await lab.ReceiveAsync();
        await lab.TakeAsync(1);
        await lab.ReceiveAsync();

        await lab.AskAsync(phone, "<disable xmlns='urn:xmpp:push:0' jid='push.test' node='n2'/>");
        await lab.AskAsync(phone, "<disable xmlns='urn:xmpp:push:0' jid='other.test'/>");

        lab.Time.Advance(TimeSpan.FromSeconds(6));
        await lab.TakeAsync(1);
    }

    [Fact]
    public async Task App_servers_that_failed_do_not_keep_others_from_being_told()
    {
        await using var lab = await new PushLab(maxRemembered: 2).StartAsync();
        var (first, second) = (lab.Bind("ann@one.test/1", priority: -1, attention: ClientAttention.Away), lab.Bind("ann@one.test/2", priority: -1, attention: ClientAttention.Away));
        await lab.EnableAsync(first, "fails");
        await lab.EnableAsync(second, "fails too");
        lab.Refusal = StanzaCondition.RemoteServerTimeout;
        await lab.ReceiveAsync();
        await lab.TakeAsync(2);
        lab.Time.Advance(TimeSpan.FromMinutes(2));
        await Task.Delay(100, TestContext.Current.CancellationToken);

        (lab.Refusal, first.Attention, second.Attention) = (null, ClientAttention.Active, ClientAttention.Active);
        await lab.EnableAsync(lab.Bind("ann@one.test/3", attention: ClientAttention.Away), "works");
        await lab.ReceiveAsync();

        Assert.Equal("works", Assert.Single(await lab.TakeAsync(1)).Payload!.Child("publish")!["node"]);
    }

    [Fact]
    public async Task A_list_that_was_read_before_a_change_is_not_kept_whoever_else_reads_it()
    {
        await using var lab = await new PushLab().StartAsync();
        var phone = lab.Bind("ann@one.test/phone");
        var first = lab.HoldRead();
        var stale = lab.NodesAsync();
        await lab.HeldAsync();
        await lab.EnableAsync(phone);
        var second = lab.HoldRead();
        var fresh = lab.NodesAsync();

        first.SetResult();
        Assert.Empty(await stale);
        Assert.Equal(["n1"], await lab.NodesAsync());
        second.SetResult();
        Assert.Equal(["n1"], await fresh);
        Assert.Equal(["n1"], await lab.NodesAsync());
        Assert.Equal(1, lab.Registrations.Cached);
    }

    [Fact]
    public async Task Registrations_are_kept_renewed_bounded_and_taken_back()
    {
        await using var lab = await new PushLab(new PushOptions { MaxRegistrations = 2 }).StartAsync();
        var phone = lab.Bind("ann@one.test/phone");
        foreach (var node in (string[])["a", "b", "a", "c"])
        {
            await lab.EnableAsync(phone, node);
            lab.Time.Advance(TimeSpan.FromSeconds(1));
        }

        Assert.Equal(["a", "c"], await lab.NodesAsync());
        await lab.AskAsync(phone, "<disable xmlns='urn:xmpp:push:0' jid='push.test' node='c'/>");
        await lab.EnableAsync(phone, "d", "other.test");
        Assert.Equal(["a", "d"], await lab.NodesAsync());
        await lab.AskAsync(phone, "<disable xmlns='urn:xmpp:push:0' jid='push.test'/>");
        Assert.Equal(["d"], await lab.NodesAsync());
        Assert.Equal("result", (await lab.AskAsync(phone, "<disable xmlns='urn:xmpp:push:0' jid='never.test'/>")).Type);
    }

    [Theory]
    [InlineData("<enable xmlns='urn:xmpp:push:0'/>", null, StanzaCondition.BadRequest)]
    [InlineData("<enable xmlns='urn:xmpp:push:0' jid='@'/>", null, StanzaCondition.JidMalformed)]
    [InlineData("<enable xmlns='urn:xmpp:push:0' jid='push.test'><x xmlns='jabber:x:data' type='form'/></enable>", null, StanzaCondition.BadRequest)]
    [InlineData("<enable xmlns='urn:xmpp:push:0' jid='push.test'/>", "ben@one.test", StanzaCondition.Forbidden)]
    [InlineData("<disable xmlns='urn:xmpp:push:0' jid='push.test'/>", "ben@one.test", StanzaCondition.Forbidden)]
    [InlineData("<disable xmlns='urn:xmpp:push:0'/>", null, StanzaCondition.BadRequest)]
    [InlineData("<disable xmlns='urn:xmpp:push:0' jid='@'/>", null, StanzaCondition.JidMalformed)]
    public async Task What_cannot_be_is_refused(string payload, string? to, StanzaCondition condition)
    {
        await using var lab = await new PushLab().StartAsync();

        Assert.Equal(condition, StanzaError.Of(await lab.AskAsync(lab.Bind("ann@one.test/phone"), payload, to)).Condition);
    }

    [Fact]
    public async Task Nodes_and_forms_have_a_length()
    {
        await using var lab = await new PushLab().StartAsync();
        var phone = lab.Bind("ann@one.test/phone");
        var form = Form.Replace("s3", new string('x', 9000), StringComparison.Ordinal);

        Assert.Equal(StanzaCondition.PolicyViolation, StanzaError.Of(await lab.AskAsync(phone, $"<enable xmlns='urn:xmpp:push:0' jid='push.test' node='{new string('x', 1024)}'/>")).Condition);
        Assert.Equal(StanzaCondition.PolicyViolation, StanzaError.Of(await lab.AskAsync(phone, $"<enable xmlns='urn:xmpp:push:0' jid='push.test'>{form}</enable>")).Condition);
        Assert.Empty(await lab.NodesAsync());
    }
}
