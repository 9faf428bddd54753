using NSubstitute;
using Parley.Plugin.Abstractions;
using Parley.Xmpp.Core.Addressing;
using Parley.Xmpp.Core.Archive;
using Parley.Xmpp.Core.Stanzas;
using static Parley.tests.Plugins.Archive.ArchiveLab;

namespace Parley.tests.Plugins.Archive;

/// <summary>What is archived for whom when a message passes, under which id it goes on, and that it does so no sooner than it is durable.</summary>
public sealed class ArchivedMessageTests : IAsyncLifetime
{
    private ArchiveLab _lab = null!;

    public async ValueTask InitializeAsync() => _lab = await StartAsync();

    public ValueTask DisposeAsync() => _lab.DisposeAsync();

    private static Message ToBen(string body = "hi", string? origin = null, string more = "") => Message("ann@one.test/phone", Ben, $"<body>{body}</body>{more}", origin: origin);

    [Fact]
    public async Task A_message_between_two_accounts_is_in_both_archives_by_one_write_and_goes_on_with_the_receivers_id_alone()
    {
        await _lab.SendAsync(_lab.Phone, ToBen("first"));
        var before = _lab.Database.Writes;
        var message = ToBen();

        var goesOn = await _lab.SendAsync(_lab.Phone, message);

        Assert.Equal(1, _lab.Database.Writes - before);
        var (anns, bens) = ((await _lab.ReadAsync(Ann)).Entries[1], (await _lab.ReadAsync(Ben)).Entries[1]);
        Assert.Equal((message.Element.ToString(), message.Element.ToString()), (anns.Message.Element.ToString(), bens.Message.Element.ToString()));
        Assert.Equal([(Ben.ToString(), bens.Id)], IdsOf(goesOn!));
        Assert.Equal(anns.Id, _lab.Messages.Find(goesOn!));
        Assert.NotEqual(anns.Id, bens.Id);
        Assert.Equal(["first", "hi"], await _lab.BodiesAsync(Ann, new ArchiveQuery { With = Ben }));
        Assert.Equal(["first", "hi"], await _lab.BodiesAsync(Ben, new ArchiveQuery { With = "ann@one.test/phone" }));
    }

    [Fact]
    public async Task Nothing_goes_on_before_it_is_durable()
    {
        await _lab.SendAsync(_lab.Phone, ToBen());
        var disk = new TaskCompletionSource();
        _lab.Database.Hold = disk.Task;

        var sending = _lab.SendAsync(_lab.Phone, ToBen("second"));
        var receiving = _lab.ReceiveAsync(Message(Eve, Ben, "<body>third</body>"));
        await Task.Delay(50, Ct);
        Assert.False(sending.IsCompleted || receiving.IsCompleted);
        disk.SetResult();
        Assert.NotNull(await sending);
        Assert.NotNull(await receiving);
    }

    [Fact]
    public async Task What_became_durable_too_late_to_be_delivered_may_be_sent_again()
    {
        var disk = new TaskCompletionSource();
        await _lab.SendAsync(_lab.Phone, ToBen("first"));
        _lab.Database.HoldAnswer = disk.Task;
        using var patience = new CancellationTokenSource();
        var message = ToBen(origin: "o1");
        var sending = EndAsync(await _lab.BeginAsync(_lab.Phone, message, patience.Token));
        await patience.CancelAsync();
        disk.SetResult();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => sending);
        Assert.Equal(2, (await _lab.BodiesAsync(Ben)).Count);
        Assert.NotNull(await _lab.SendAsync(_lab.Phone, ToBen(origin: "o1")));
    }

    [Fact]
    public async Task What_a_client_writes_while_the_disk_is_busy_goes_together_and_in_order()
    {
        await _lab.SendAsync(_lab.Phone, ToBen("first"));
        var disk = new TaskCompletionSource();
        _lab.Database.Hold = disk.Task;
        var before = _lab.Database.Writes;
        var begun = new List<Interception>();
        for (var i = 0; i < 10; i++) begun.Add(await _lab.BeginAsync(_lab.Phone, ToBen($"{i}", origin: $"o{i / 2}")));
        Assert.All(begun, b => Assert.False(b.Deferred!.Until.IsCompleted));
        disk.SetResult();

        var goOn = new List<Message?>();
        foreach (var one in begun) goOn.Add(Next(ToBen(), await EndAsync(one)));
        // The first by itself, and all that came meanwhile.
        Assert.Equal(2, _lab.Database.Writes - before);
        Assert.Equal(["0", null, "2", null, "4", null, "6", null, "8", null], goOn.Select(m => m?.Body));
        Assert.Equal(["first", "0", "2", "4", "6", "8"], await _lab.BodiesAsync(Ben));
        Assert.Equal(["first", "0", "2", "4", "6", "8"], await _lab.BodiesAsync(Ann));
    }

    [Fact]
    public async Task A_retraction_right_behind_its_message_finds_it()
    {
        await _lab.SendAsync(_lab.Phone, ToBen("first"));
        var disk = new TaskCompletionSource();
        _lab.Database.Hold = disk.Task;
        var begun = await _lab.BeginAsync(_lab.Phone, Message("ann@one.test/phone", Ben, "<body>oops</body>", id: "m1"));
        var retracting = _lab.BeginAsync(_lab.Phone, Message("ann@one.test/phone", Ben, "<retract id='m1' xmlns='urn:xmpp:message-retract:1'/><body>gone</body>", id: "m2")).AsTask();
        disk.SetResult();
        await EndAsync(begun);
        await EndAsync(await retracting);
        Assert.Equal(["first", null, "gone"], await _lab.BodiesAsync(Ben));
    }

    [Fact]
    public async Task Where_the_disk_fails_the_message_fails()
    {
        await _lab.SendAsync(_lab.Phone, ToBen());
        _lab.Database.Hold = Task.FromException(new IOException("No space left on device"));
        await Assert.ThrowsAsync<IOException>(() => _lab.SendAsync(_lab.Phone, ToBen()));
        Assert.Single(await _lab.BodiesAsync(Ann));
    }

    [Fact]
    public async Task Ids_that_claim_to_be_of_either_archive_are_taken_off_archived_or_not()
    {
        const string Forged = "<stanza-id xmlns='urn:xmpp:sid:0' by='ben@one.test' id='f'/><stanza-id xmlns='urn:xmpp:sid:0' by='ann@one.test' id='f'/><stanza-id xmlns='urn:xmpp:sid:0' by='room@two.test' id='r'/>";
        var archived = await _lab.SendAsync(_lab.Phone, ToBen(more: Forged));
        Assert.Equal(["ben@one.test", "room@two.test"], IdsOf(archived!).Select(i => i.By).Order());
        Assert.DoesNotContain(IdsOf(archived!), i => i.Id == "f");

        var typing = await _lab.SendAsync(_lab.Phone, Message("ann@one.test/phone", Ben, Forged));
        Assert.Equal([("room@two.test", "r")], IdsOf(typing!));
        var foreign = await _lab.ReceiveAsync(Message(Eve, Ben, Forged));
        Assert.Equal(["ann@one.test", "room@two.test"], IdsOf(foreign!).Select(i => i.By).Order());
    }

    [Fact]
    public async Task What_one_sends_to_oneself_is_there_once()
    {
        var goesOn = await _lab.SendAsync(_lab.Phone, Message("ann@one.test/phone", Ann, "<body>note</body>"));
        await _lab.SendAsync(_lab.Phone, Message("ann@one.test/phone", null, "<body>to nobody named</body>"));
        await _lab.SendAsync(_lab.Phone, Message("ann@one.test/phone", Ben, "<body>to Ben</body>"));

        Assert.Equal([(Ann.ToString(), (await _lab.ReadAsync(Ann)).Entries[0].Id)], IdsOf(goesOn!));
        Assert.Equal(["note", "to nobody named"], await _lab.BodiesAsync(Ann, new ArchiveQuery { With = Ann }));
    }

    [Fact]
    public async Task What_comes_from_elsewhere_is_kept_for_the_receiver_alone_also_a_rooms_private_message()
    {
        await _lab.ReceiveAsync(Message("eve@two.test/x", Ben));
        await _lab.ReceiveAsync(Message($"{Room}/Eve", "ben@one.test/phone", "<body>psst</body>"), sender: new SenderInfo(SenderKind.Component));
        await _lab.ReceiveAsync(Message($"{Room}/Eve", "ben@one.test/phone", "<body>all</body>", "groupchat"), sender: new SenderInfo(SenderKind.Component));
        await _lab.ReceiveAsync(Message("eve@two.test/x", "nobody@one.test"));

        Assert.Equal(["hi", "psst"], await _lab.BodiesAsync(Ben));
        Assert.Equal(["psst"], await _lab.BodiesAsync(Ben, new ArchiveQuery { With = $"{Room}/Eve" }));
        Assert.Empty(await _lab.BodiesAsync(Ben, new ArchiveQuery { With = $"{Room}/Dan" }));
        Assert.Empty(await _lab.BodiesAsync("nobody@one.test"));
    }

    [Fact]
    public async Task A_rooms_private_message_comes_to_each_client_is_archived_once_and_hides_no_other_occupants()
    {
        foreach (var client in new[] { "phone", "laptop" })
        {
            Assert.NotNull(await _lab.ReceiveAsync(Private("Eve", client, "psst")));
        }

        Assert.NotNull(await _lab.ReceiveAsync(Private("Mallory", "phone", "the same id")));

        Assert.Equal(["psst", "the same id"], await _lab.BodiesAsync(Ben));

        static Message Private(string nick, string client, string body) =>
            Message($"{Room}/{nick}", $"ben@one.test/{client}", $"<body>{body}</body><x xmlns='http://jabber.org/protocol/muc#user'/>", origin: "o1");
    }

    [Fact]
    public async Task What_the_server_itself_says_is_kept_and_what_was_archived_when_it_came_is_not_kept_twice()
    {
        var announced = await _lab.ReceiveAsync(Message("one.test", Ben, "<body>news</body>", null), StanzaPoint.ToLocalAccount, new SenderInfo(SenderKind.Component));
        Assert.Single(IdsOf(announced!));
        var sent = await _lab.SendAsync(_lab.Phone, ToBen());
        Assert.Same(sent, await _lab.ReceiveAsync(sent!, StanzaPoint.ToLocalAccount, _lab.Phone.Sender));
        Assert.Same(sent, await _lab.ReceiveAsync(sent!, StanzaPoint.ToLocalAccount, new SenderInfo(SenderKind.Account)));
        Assert.Equal(["news", "hi"], await _lab.BodiesAsync(Ben));
    }

    [Fact]
    public async Task To_a_resource_that_is_gone_only_a_chat_message_comes()
    {
        await _lab.SendAsync(_lab.Phone, Message("ann@one.test/phone", "ben@one.test/gone", "<body>chat</body>", "chat"));
        await _lab.SendAsync(_lab.Phone, Message("ann@one.test/phone", "ben@one.test/gone", "<body>normal</body>", "normal"));
        await _lab.SendAsync(_lab.Phone, Message("ann@one.test/phone", "ben@one.test/phone", "<body>here</body>", "normal"));

        Assert.Equal(["chat", "here"], await _lab.BodiesAsync(Ben));
        Assert.Equal(["chat", "normal", "here"], await _lab.BodiesAsync(Ann));
    }

    [Fact]
    public async Task What_a_blocked_one_sends_is_not_in_the_archive_of_who_blocks()
    {
        _lab.Blocked.IsBlockedAsync(Ben, "ann@one.test/phone", Ct).ReturnsForAnyArgs(c => c.ArgAt<Jid>(0) == Ben);
        Assert.Empty(IdsOf((await _lab.SendAsync(_lab.Phone, ToBen()))!));
        await _lab.ReceiveAsync(Message(Eve, Ben));
        Assert.Empty(await _lab.BodiesAsync(Ben));
        Assert.Single(await _lab.BodiesAsync(Ann));
    }

    [Fact]
    public async Task Guests_have_no_archive()
    {
        var guest = new FakeSession("g@guest.one.test/x") { Kind = SenderKind.Guest };
        var message = Message(guest.Jid, "calls.one.test");
        Assert.Same(message, await _lab.SendAsync(guest, message));
        Assert.Equal(0, _lab.Store.Figures.Added);
    }

    [Fact]
    public async Task Sent_again_while_the_server_runs_it_goes_no_further()
    {
        Assert.NotNull(await _lab.SendAsync(_lab.Phone, ToBen(origin: "o1")));
        Assert.Null(await _lab.SendAsync(_lab.Laptop, Message("ann@one.test/laptop", Ben, origin: "o1")));
        Assert.NotNull(await _lab.SendAsync(_lab.Phone, ToBen(origin: "o2")));
        Assert.NotNull(await _lab.SendAsync(_lab.Phone, Message("ann@one.test/phone", "dan@two.test", origin: "o1")));

        Assert.NotNull(await _lab.ReceiveAsync(Message("eve@two.test/x", Ben, origin: "e1")));
        Assert.Null(await _lab.ReceiveAsync(Message("eve@two.test/y", Ben, origin: "e1")));
        Assert.Equal(3, (await _lab.BodiesAsync(Ben)).Count);
        Assert.Equal(3, (await _lab.BodiesAsync(Ann)).Count);
    }

    [Fact]
    public async Task Sent_again_after_the_server_came_back_it_goes_on_under_the_same_id_unless_it_waits_in_the_offline_store()
    {
        var first = await _lab.SendAsync(_lab.Phone, ToBen(origin: "o1"));
        var restarted = _lab.Restart();

        var again = await restarted.SendAsync(restarted.Phone, ToBen(origin: "o1"));
        Assert.Equal(IdsOf(first!), IdsOf(again!));
        Assert.Single(await restarted.BodiesAsync(Ben));
        Assert.Single(await restarted.BodiesAsync(Ann));

        await _lab.Tables.Get<IOfflineStore>().AddAsync(Ben, first!, Noon, Ct);
        Assert.Null(await restarted.SendAsync(restarted.Phone, ToBen(origin: "o1")));
    }

    [Fact]
    public async Task What_was_returned_may_be_sent_again_and_the_error_shows_in_history()
    {
        await _lab.SendAsync(_lab.Phone, Message("ann@one.test/phone", "eve@two.test", id: "m1", origin: "o1"));
        await _lab.SendAsync(_lab.Phone, Message("ann@one.test/phone", Ben, id: "m2", origin: "o2"));
        const string Error = "<error type='cancel'><service-unavailable xmlns='urn:ietf:params:xml:ns:xmpp-stanzas'/></error>";

        var error = await _lab.ReceiveAsync(Message("eve@two.test", "ann@one.test/phone", Error, "error", "m1"));
        await _lab.ReceiveAsync(Message("eve@two.test", "ann@one.test/phone", Error, "error", "never sent"));
        var local = Message(Ben, "ann@one.test/phone", Error, "error", "m2");
        await _lab.Bounces.OnMessageAsync(local, new StanzaContext(StanzaPoint.ToSession, new SenderInfo(SenderKind.Component), "one.test", _lab.Phone), Ct);

        Assert.Single(IdsOf(error!));
        Assert.Equal([null, null, "error", "error"], (await _lab.ReadAsync(Ann)).Entries.Select(e => e.Message.Type == "error" ? "error" : null));
        Assert.NotNull(await _lab.SendAsync(_lab.Phone, Message("ann@one.test/phone", "eve@two.test", id: "m1", origin: "o1")));
        Assert.Equal(5, (await _lab.ReadAsync(Ann)).Entries.Count);
    }

    [Fact]
    public async Task An_author_takes_words_back_in_both_archives_and_nobody_else_does()
    {
        const string Retract = "<retract xmlns='urn:xmpp:message-retract:1' id='m1'/><store xmlns='urn:xmpp:hints'/>";
        await _lab.SendAsync(_lab.Phone, Message("ann@one.test/phone", Ben, "<body>secret</body>", id: "m1", origin: "m1"));
        await _lab.SendAsync(_lab.BensPhone, Message("ben@one.test/phone", Ann, Retract, id: "r0"));
        await _lab.ReceiveAsync(Message(Eve, Ben, Retract, id: "r0"));
        Assert.Equal("secret", (await _lab.BodiesAsync(Ben))[0]);

        _lab.Time.Advance(TimeSpan.FromMinutes(1));
        await _lab.SendAsync(_lab.Laptop, Message("ann@one.test/laptop", Ben, Retract, id: "r1"));

        foreach (var owner in (Jid[])[Ann, Ben])
        {
            var entries = (await _lab.ReadAsync(owner, new ArchiveQuery { With = owner == Ann ? Ben : Ann })).Entries;
            Assert.Equal(
                "<message type='chat' id='m1' from='ann@one.test/phone' to='ben@one.test'><origin-id xmlns='urn:xmpp:sid:0' id='m1'/><retracted xmlns='urn:xmpp:message-retract:1' id='r1' stamp='2026-01-02T12:01:00Z'/></message>",
                entries[0].Message.Element.ToString());
            Assert.Equal("r1", entries[^1].Message.Id);
        }

        Assert.Equal(2, _lab.Retractions.Count);
    }
}
