using System.Collections.Concurrent;
using Parley.Plugin.Abstractions;
using Parley.Xmpp.Core.Stanzas;

namespace Parley.tests.Xmpp.Server.Routing;

/// <summary>Interceptors that decide later: what a client writes next is begun meanwhile, and everything goes on in the order in which it was written.</summary>
public sealed class DeferredMessageTests : IAsyncDisposable
{
    private readonly TestServer _server = new();
    private readonly Disk _disk = new();
    private readonly ConcurrentQueue<string> _behind = [];

    public ValueTask DisposeAsync() => _server.DisposeAsync();

    private async Task<(Client Ann, Client Ben)> StartAsync(StanzaPoint point = StanzaPoint.FromLocalSession)
    {
        _server.OnMessage(point, _disk, order: 1);
        _server.OnMessage(point, (m, _) =>
        {
            _behind.Enqueue(m.Body!);
            return Interception.Continue;
        }, order: 2);
        return (await _server.BindAsync("ann@one.test/a"), await _server.BindAsync("ben@one.test/b"));
    }

    private static string ToBen(string body) => $"<message to='ben@one.test/b' id='{body}'><body>{body}</body></message>";

    private static async Task<IReadOnlyList<string?>> NextAsync(Client client, int count)
    {
        var all = new List<string?>();
        while (all.Count < count) all.Add(((Message)await client.Stream.NextAsync()).Body);
        return all;
    }

    [Fact]
    public async Task The_next_messages_are_begun_while_the_first_waits_and_all_go_on_in_order()
    {
        var (ann, ben) = await StartAsync();
        foreach (var body in (string[])["1", "2", "at once", "3"]) Assert.Null(await ann.SendAsync(ToBen(body)));
        Assert.Equal(["1", "2", "at once", "3"], _disk.Begun);
        Assert.Empty(_behind);

        _disk.Write("3");
        _disk.Write("2");
        await Task.Delay(50, TestContext.Current.CancellationToken);
        ben.Stream.Nothing();
        Assert.Empty(_behind);
        Assert.Empty(_disk.Decided);

        _disk.Write("1");
        Assert.Equal(["1", "2", "at once", "3"], await NextAsync(ben, 4));
        Assert.Equal(["1", "2", "at once", "3"], _behind);
        Assert.Equal(["1", "2", "3"], _disk.Decided);
    }

    [Fact]
    public async Task What_is_no_message_waits_until_those_before_it_have_gone_on()
    {
        var (ann, ben) = await StartAsync();
        _server.Handle("get", "urn:t", "q", iq => iq.Result());
        await ann.SendAsync(ToBen("1"));
        await ann.SendAsync("<iq to='one.test' type='get' id='q'><q xmlns='urn:t'/></iq>");
        await ann.SendAsync("<presence to='ben@one.test/b'><status>away</status></presence>");
        await ann.SendAsync(ToBen("2"));
        await Task.Delay(50, TestContext.Current.CancellationToken);
        ann.Stream.Nothing();
        Assert.Equal(["1"], _disk.Begun);

        _disk.Write("1");
        Assert.Equal("q", (await ann.Stream.NextAsync()).Id);
        Assert.IsType<Message>(await ben.Stream.NextAsync());
        Assert.IsType<Presence>(await ben.Stream.NextAsync());
        _disk.Write("2");
        Assert.Equal(["2"], await NextAsync(ben, 1));
    }

    [Fact]
    public async Task A_client_that_goes_is_unavailable_behind_its_messages()
    {
        var (ann, ben) = await StartAsync();
        await ann.SendAsync("<presence to='ben@one.test/b'/>");
        Assert.IsType<Presence>(await ben.Stream.NextAsync());
        await ann.SendAsync(ToBen("1"));
        await ann.SendAsync(ToBen("2"));
        var ending = ann.Bound.EndAsync().AsTask();
        await Task.Delay(50, TestContext.Current.CancellationToken);
        Assert.False(ending.IsCompleted);
        ben.Stream.Nothing();

        _disk.Write("2");
        _disk.Write("1");
        Assert.Equal(["1", "2"], await NextAsync(ben, 2));
        Assert.Equal("unavailable", (await ben.Stream.NextAsync()).Type);
        await ending.WaitAsync(TimeSpan.FromSeconds(30), TestContext.Current.CancellationToken);
    }

    [Fact]
    public async Task One_that_fails_is_answered_in_its_turn_and_the_others_go_on()
    {
        var (ann, ben) = await StartAsync();
        foreach (var body in (string[])["1", "2", "3"]) await ann.SendAsync(ToBen(body));
        _disk.Fail("2");
        _disk.Write("3");
        await Task.Delay(50, TestContext.Current.CancellationToken);
        ann.Stream.Nothing();
        _disk.Write("1");

        Assert.Equal(["1", "3"], await NextAsync(ben, 2));
        var refused = await ann.Stream.NextAsync();
        Assert.Equal(("2", StanzaCondition.InternalServerError), (refused.Id, StanzaError.Of(refused).Condition));
        Assert.Equal(["1", "3"], _behind);
    }

    [Fact]
    public async Task What_never_ends_fails_in_a_minute_and_is_decided_all_the_same_when_it_does()
    {
        var (ann, ben) = await StartAsync();
        await ann.SendAsync(ToBen("1"));
        await ann.SendAsync(ToBen("2"));
        _disk.Write("2");
        _server.Time.Advance(TimeSpan.FromSeconds(59));
        ann.Stream.Nothing();
        _server.Time.Advance(TimeSpan.FromSeconds(1));
        Assert.Equal("1", (await ann.Stream.NextAsync()).Id);
        Assert.Equal(["2"], await NextAsync(ben, 1));

        _disk.Write("1");
        Assert.Equal("1 too late", await _disk.Late.Task.WaitAsync(TimeSpan.FromSeconds(30), TestContext.Current.CancellationToken));
        ben.Stream.Nothing();
    }

    [Fact]
    public async Task A_message_counts_as_handled_when_it_has_gone_on()
    {
        var (ann, ben) = await StartAsync();
        var handled = new ConcurrentQueue<string>();
        foreach (var body in (string[])["1", "2"]) await ann.Bound.ReceiveAsync(TestXml.Read(ToBen(body)), () => handled.Enqueue(body), TestContext.Current.CancellationToken);
        _disk.Write("2");
        await Task.Delay(50, TestContext.Current.CancellationToken);
        Assert.Empty(handled);
        _disk.Write("1");
        Assert.Equal(["1", "2"], await NextAsync(ben, 2));
        for (var i = 0; handled.Count < 2 && i < 1000; i++) await Task.Delay(10, TestContext.Current.CancellationToken);
        Assert.Equal(["1", "2"], handled);
    }

    [Fact]
    public async Task A_bounded_number_is_begun_and_nothing_is_lost()
    {
        var (ann, ben) = await StartAsync();
        var bodies = Enumerable.Range(0, 300).Select(i => $"{i}").ToList();
        foreach (var body in bodies) Assert.Null(await ann.SendAsync(ToBen(body)));
        Assert.InRange(_disk.Begun.Count, 2, 100);

        foreach (var body in bodies) _disk.Write(body);
        Assert.Equal(bodies, await NextAsync(ben, bodies.Count));
    }

    [Fact]
    public async Task What_begins_under_another_table_waits_for_what_began_under_the_last_one()
    {
        var (ann, ben) = await StartAsync();
        await ann.SendAsync(ToBen("1"));
        _server.OnMessage(StanzaPoint.FromLocalSession, (m, _) =>
        {
            _behind.Enqueue($"new {m.Body}");
            return Interception.Continue;
        }, order: 0);
        await ann.SendAsync(ToBen("2"));
        await Task.Delay(50, TestContext.Current.CancellationToken);
        Assert.Empty(_behind);

        _disk.Write("2");
        _disk.Write("1");
        Assert.Equal(["1", "2"], await NextAsync(ben, 2));
        Assert.Equal(["1", "new 2", "2"], _behind);
    }

    [Theory]
    [InlineData(StanzaPoint.ToLocalAccount)]
    [InlineData(StanzaPoint.ToSession)]
    public async Task At_other_points_it_is_waited_for_where_it_is(StanzaPoint point)
    {
        var (ann, ben) = await StartAsync(point);
        await ann.SendAsync("<message to='ben@one.test' id='1'><body>1</body></message>");
        await Task.Delay(50, TestContext.Current.CancellationToken);
        ben.Stream.Nothing();
        _disk.Write("1");
        Assert.Equal(["1"], await NextAsync(ben, 1));
        Assert.Equal(["1"], _behind);
    }

    /// <summary>Lets a message pass when it is told that it is written.</summary>
    private sealed class Disk : IMessageInterceptor
    {
        private readonly ConcurrentDictionary<string, TaskCompletionSource> _writes = new();

        public ConcurrentQueue<string> Begun { get; } = [];

        public ConcurrentQueue<string> Decided { get; } = [];

        public TaskCompletionSource<string> Late { get; } = new();

        public void Write(string body) => Of(body).TrySetResult();

        public void Fail(string body) => Of(body).TrySetException(new IOException("No space left on device"));

        public ValueTask<Interception> OnMessageAsync(Message message, StanzaContext context, CancellationToken ct)
        {
            if (message.Body is not { } body) return new(Interception.Continue);
            Begun.Enqueue(body);
            if (body == "at once") return new(Interception.Continue);
            var write = Of(body).Task;
            return new(Interception.Later(new Deferral(write, async () =>
            {
                await write;
                if (ct.IsCancellationRequested) Late.SetResult($"{body} too late");
                ct.ThrowIfCancellationRequested();
                Decided.Enqueue(body);
                return Interception.Continue;
            })));
        }

        private TaskCompletionSource Of(string body) => _writes.GetOrAdd(body, _ => new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously));
    }
}
