using Microsoft.Extensions.Logging.Abstractions;
using Parley.Plugin.Abstractions;
using Parley.tests.Xmpp.Server.Routing;
using Parley.tests.Xmpp.Server.Streams;
using Parley.Xmpp.Core.Stanzas;
using Parley.Xmpp.Server.Configuration;
using Parley.Xmpp.Server.Hosting;
using Parley.Xmpp.Server.Routing;
using Parley.Xmpp.Server.Sessions;

namespace Parley.tests.Xmpp.Server.Sessions;

/// <summary>What the server vouched for to a sender is with the receiver's client or on the disk.</summary>
public sealed class KeptMessageTests
{
    private const string Chat = "<message to='ben@one.test/phone' type='chat' id='1'><body>x</body></message>";

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Fact]
    public async Task What_is_acknowledged_at_once_is_never_written()
    {
        await using var server = new TestServer();
        var (ann, phone) = (await server.BindAsync("ann@one.test/a"), await BindManagedAsync(server, "ben@one.test/phone"));
        var handled = await SendAsync(ann, Chat);
        Assert.False(handled.IsCompleted);
        phone.Stream.Acknowledge();
        Assert.True(handled.IsCompleted);
        await PassAsync(server);
        Assert.Equal(0, server.Unacknowledged.Commits);
    }

    [Fact]
    public async Task What_is_not_is_written_before_its_sender_hears_of_it_and_removed_once_it_is_acknowledged()
    {
        await using var server = new TestServer();
        var (ann, phone) = (await server.BindAsync("ann@one.test/a"), await BindManagedAsync(server, "ben@one.test/phone"));
        var disk = new TaskCompletionSource();
        server.Unacknowledged.Disk = disk.Task;
        var came = server.Time.GetUtcNow();
        var handled = await SendAsync(ann, Chat);
        await PassAsync(server);
        Assert.False(handled.IsCompleted);
        disk.SetResult();
        await handled.WaitAsync(TimeSpan.FromSeconds(10), Ct);
        var row = Assert.Single(server.Unacknowledged.Rows);
        Assert.Equal(("1", "ben@one.test", came), (row.Message.Id, row.Account.ToString(), row.Received));
        Assert.Equal(1, server.Get<ISessionControl>().Unacknowledged);

        phone.Stream.Acknowledge();
        await PassAsync(server);
        await StreamServer.Until(() => server.Unacknowledged.Rows.Count == 0);
        Assert.Equal(0, server.Get<ISessionControl>().Unacknowledged);
    }

    [Fact]
    public async Task What_is_acknowledged_while_it_is_written_is_removed_again()
    {
        await using var server = new TestServer();
        var (ann, phone) = (await server.BindAsync("ann@one.test/a"), await BindManagedAsync(server, "ben@one.test/phone"));
        var disk = new TaskCompletionSource();
        server.Unacknowledged.Disk = disk.Task;
        var handled = await SendAsync(ann, Chat);
        await PassAsync(server);
        phone.Stream.Acknowledge();
        Assert.True(handled.IsCompleted);
        disk.SetResult();
        await StreamServer.Until(() => server.Unacknowledged.Commits == 1);
        await StreamServer.Until(() =>
        {
            server.Time.Advance(KeptMessages.Patience);
            return server.Unacknowledged.Commits == 2;
        });
        Assert.Empty(server.Unacknowledged.Rows);
    }

    [Fact]
    public async Task Nobody_waits_for_a_client_that_is_away()
    {
        await using var server = new TestServer();
        var (ann, phone) = (await server.BindAsync("ann@one.test/a"), await BindManagedAsync(server, "ben@one.test/phone"));
        phone.Stream.Attention = ClientAttention.Away;
        var handled = await SendAsync(ann, Chat);
        server.Time.Advance(TimeSpan.Zero);
        await handled.WaitAsync(TimeSpan.FromSeconds(10), Ct);
        Assert.Equal(["1"], server.Unacknowledged.Ids);
    }

    [Fact]
    public async Task What_is_written_at_once_keeps_its_place_behind_what_still_waits()
    {
        await using var server = new TestServer();
        var (ann, phone) = (await server.BindAsync("ann@one.test/a"), await BindManagedAsync(server, "ben@one.test/phone"));
        await SendAsync(ann, Chat);
        phone.Stream.Attention = ClientAttention.Away;
        await SendAsync(ann, Chat.Replace("'1'", "'2'", StringComparison.Ordinal));
        server.Time.Advance(TimeSpan.Zero);
        await StreamServer.Until(() => server.Unacknowledged.Ids.SequenceEqual(["2"]));
        await PassAsync(server);
        await StreamServer.Until(() => server.Unacknowledged.Ids.SequenceEqual(["1", "2"]));
    }

    [Theory]
    [InlineData("type='chat'", "<composing xmlns='http://jabber.org/protocol/chatstates'/>")]
    [InlineData("type='chat'", "<composing xmlns='http://jabber.org/protocol/chatstates'/><origin-id xmlns='urn:xmpp:sid:0' id='o'/><thread>t</thread>")]
    [InlineData("type='chat'", "<body>x</body><no-store xmlns='urn:xmpp:hints'/>")]
    [InlineData("type='headline'", "<body>x</body>")]
    [InlineData("type='groupchat'", "<body>x</body>")]
    [InlineData("type='chat'", "<body>x</body>", false)]
    [InlineData("type='chat'", "<body>x</body>", true, false)]
    public async Task What_the_offline_store_would_not_keep_or_nobody_acknowledges_is_not_waited_for(string type, string inner, bool isManaged = true, bool isOn = true)
    {
        await using var server = new TestServer(sessions: new SessionsOptions { KeepUnacknowledged = isOn });
        var (ann, phone) = (await server.BindAsync("ann@one.test/a"), await BindManagedAsync(server, "ben@one.test/phone"));
        phone.Stream.IsManaged = isManaged;
        Assert.True((await SendAsync(ann, $"<message to='ben@one.test/phone' {type} id='1'>{inner}</message>")).IsCompleted);
        await PassAsync(server);
        Assert.Equal(0, server.Unacknowledged.Commits);
        Assert.Equal("1", Assert.Single(phone.Stream.Take().OfType<Message>()).Id);
    }

    [Fact]
    public async Task A_disk_that_fails_is_tried_again_and_no_sender_told_before()
    {
        await using var server = new TestServer();
        var (ann, phone) = (await server.BindAsync("ann@one.test/a"), await BindManagedAsync(server, "ben@one.test/phone"));
        server.Unacknowledged.Fault = new IOException("full");
        var first = await SendAsync(ann, Chat);
        await PassAsync(server);
        phone.Stream.Acknowledge(); // what a client has needs no disk
        await first.WaitAsync(TimeSpan.FromSeconds(10), Ct);
        var second = await SendAsync(ann, Chat.Replace("'1'", "'2'", StringComparison.Ordinal));
        await PassAsync(server);
        Assert.False(second.IsCompleted);
        server.Unacknowledged.Fault = null;
        await StreamServer.Until(() =>
        {
            server.Time.Advance(TimeSpan.FromSeconds(1));
            return second.IsCompleted;
        });
        await StreamServer.Until(() =>
        {
            server.Time.Advance(TimeSpan.FromSeconds(1));
            return server.Unacknowledged.Ids.SequenceEqual(["2"]);
        });
    }

    [Fact]
    public async Task It_stays_until_one_of_an_accounts_clients_has_it_itself_or_as_a_copy()
    {
        await using var server = new TestServer();
        var ann = await server.BindAsync("ann@one.test/a");
        var (phone, desk) = (await BindManagedAsync(server, "ben@one.test/phone"), await BindManagedAsync(server, "ben@one.test/desk"));
        await SendAsync(ann, "<message to='ben@one.test' type='chat' id='1'><body>x</body></message>");
        server.OnMessage(StanzaPoint.ToSession, (message, context) =>
        {
            if (context.Session!.Jid != phone.Jid) return Interception.Continue;
            var copy = TestXml.Read($"<message from='ben@one.test' to='{desk.Jid}' id='copy'><received xmlns='urn:xmpp:carbons:2'/></message>");
            Assert.True(desk.Session.SendCopyAsync(new Message(copy), message, Ct).AsTask().IsCompletedSuccessfully);
            return Interception.Continue;
        });
        await SendAsync(ann, "<message to='ben@one.test/phone' type='chat' id='2'><body>x</body></message>");
        await PassAsync(server);
        await StreamServer.Until(() => server.Unacknowledged.Ids.SequenceEqual(["1", "2"]));
        desk.Stream.Acknowledge();
        await PassAsync(server);
        await StreamServer.Until(() => server.Unacknowledged.Rows.Count == 0);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task At_a_sessions_end_it_goes_on_with_its_place_in_the_queue_or_leaves_it(bool hasOther)
    {
        await using var server = new TestServer();
        var (ann, phone) = (await server.BindAsync("ann@one.test/a"), await BindManagedAsync(server, "ben@one.test/phone"));
        await SendAsync(ann, "<message to='ben@one.test' type='chat' id='1'><body>x</body></message>");
        await PassAsync(server);
        await StreamServer.Until(() => server.Unacknowledged.Rows.Count == 1);
        var number = server.Unacknowledged.Rows[0].Id;
        var desk = hasOther ? await BindManagedAsync(server, "ben@one.test/desk") : null;
        await phone.Bound.EndAsync();
        await PassAsync(server);
        if (desk is not null)
        {
            Assert.Equal("1", Assert.Single(desk.Stream.Take().OfType<Message>()).Id);
            await PassAsync(server);
            Assert.Equal([number], server.Unacknowledged.Rows.Select(r => r.Id));
            desk.Stream.Acknowledge();
            await PassAsync(server);
        }
        else
        {
            Assert.True(Assert.Single(ann.Stream.Take().OfType<Message>()).IsError);
        }

        await StreamServer.Until(() => server.Unacknowledged.Rows.Count == 0);
    }

    [Fact]
    public async Task What_a_crash_left_goes_where_it_goes_without_its_client_each_once()
    {
        await using var server = new TestServer();
        server.Unacknowledged.Fault = null;
        await server.Unacknowledged.ChangeAsync(
        [
            Row(server, 5, "<message from='ann@one.test/a' to='ben@one.test/phone' type='chat' id='1'><body>x</body></message>"),
            Row(server, 6, "<message from='ann@one.test/a' to='ben@one.test/phone' id='2'><received xmlns='urn:xmpp:receipts' id='r'/></message>"),
            Row(server, 7, "<message from='ann@one.test/a' to='ben@one.test' type='chat' id='3'><body>fails</body></message>"),
        ], [], Ct);
        var stored = new List<(string? Id, DateTimeOffset? Received)>();
        server.OnMessage(StanzaPoint.ToLocalAccount, (message, context) =>
        {
            if (message.Body == "fails") throw new IOException("full");
            stored.Add((message.Id, context.Received));
            return Interception.Handled;
        });
        await RecoverAsync(server);
        Assert.Equal([("1", server.Time.GetUtcNow()), ("2", server.Time.GetUtcNow())], stored.Select(s => (s.Id, s.Received!.Value)));
        await PassAsync(server);
        await StreamServer.Until(() => server.Unacknowledged.Ids.SequenceEqual(["3"]));

        // Numbers go on behind those that are left.
        var (ann, ben) = (await server.BindAsync("ann@one.test/a"), await BindManagedAsync(server, "ben@one.test/phone"));
        await SendAsync(ann, Chat);
        await PassAsync(server);
        await StreamServer.Until(() => server.Unacknowledged.Rows.Count == 2);
        Assert.Equal([7, 8], server.Unacknowledged.Rows.Select(r => r.Id));
        ben.Stream.Acknowledge();
    }

    [Fact]
    public async Task What_a_crash_left_is_a_clients_that_is_there_already()
    {
        await using var server = new TestServer();
        await server.Unacknowledged.ChangeAsync([Row(server, 1, Chat.Replace("<message", "<message from='ann@one.test/a'", StringComparison.Ordinal))], [], Ct);
        var phone = await BindManagedAsync(server, "ben@one.test/phone");
        await RecoverAsync(server);
        await PassAsync(server);
        Assert.Equal("1", Assert.Single(phone.Stream.Take().OfType<Message>()).Id);
        Assert.Equal(["1"], server.Unacknowledged.Ids);
        phone.Stream.Acknowledge();
        await PassAsync(server);
        await StreamServer.Until(() => server.Unacknowledged.Rows.Count == 0);
    }

    private static Parley.Xmpp.Server.Storage.UnacknowledgedMessage Row(TestServer server, long id, string xml) =>
        new(id, "ben@one.test", new Message(TestXml.Read(xml)), server.Time.GetUtcNow());

    private static async Task RecoverAsync(TestServer server)
    {
        using var recovery = new UnacknowledgedRecovery(server.Unacknowledged, server.Get<KeptMessages>(), server.Get<LostStanzas>(), server.Time, NullLogger<UnacknowledgedRecovery>.Instance);
        await recovery.StartAsync(Ct);
        await recovery.StopAsync(Ct);
    }

    private static async Task<Task> SendAsync(Client client, string xml)
    {
        var handled = new TaskCompletionSource();
        Assert.Null(await client.Bound.ReceiveAsync(TestXml.Read(xml), handled.SetResult, Ct));
        return handled.Task;
    }

    // Beyond the time that anything waits for; what it begins needs a moment.
    private static async Task PassAsync(TestServer server)
    {
        for (var i = 0; i < 3; i++)
        {
            server.Time.Advance(KeptMessages.Patience);
            await Task.Delay(20, Ct);
        }
    }

    private static async Task<Client> BindManagedAsync(TestServer server, string full)
    {
        var client = await server.BindAsync(full);
        (client.Stream.IsManaged, client.Stream.Now) = (true, server.Time.GetUtcNow);
        return client;
    }
}
