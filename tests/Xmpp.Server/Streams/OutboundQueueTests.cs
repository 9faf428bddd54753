using System.Net;
using System.Text;
using Microsoft.Extensions.Time.Testing;
using Parley.Xmpp.Core.Stanzas;
using Parley.Xmpp.Core.Streams;
using Parley.Xmpp.Core.Xml;
using Parley.Xmpp.Server.Configuration;
using Parley.Xmpp.Server.Streams;
using Parley.Xmpp.Server.Streams.Connections;
using Parley.Xmpp.Server.Streams.Negotiation;

namespace Parley.tests.Xmpp.Server.Streams;

public sealed class OutboundQueueTests : IAsyncDisposable
{
    private readonly FakeTimeProvider _time = new();
    private readonly FakeConnection _connection = new();
    private readonly OutboundQueue _queue;
    private Exception? _failure;

    public OutboundQueueTests() => _queue = new OutboundQueue(_connection, mostBytes: 100, _time, e => _failure = e);

    public ValueTask DisposeAsync() => _connection.DisposeAsync();

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Fact]
    public async Task What_gathers_while_a_write_runs_is_written_together()
    {
        _connection.Gate = new TaskCompletionSource();
        _queue.Enqueue(Bytes("a"));
        await StreamServer.Until(() => _connection.Batches.Count == 1);
        foreach (var text in new[] { "b", "c", "d" }) _queue.Enqueue(Bytes(text));
        _connection.Gate.SetResult();
        await _queue.DrainedAsync();
        Assert.Equal(["a", "b c d"], _connection.Batches);
        Assert.Equal(0, _queue.Bytes);
    }

    [Fact]
    public async Task What_is_held_comes_behind_what_must_come_first()
    {
        _queue.Hold();
        Assert.Equal(Enqueued.Yes, await _queue.EnqueueAsync(Stanza("early"), Ct));
        _queue.Enqueue(Bytes("too"));
        _queue.Release(Bytes("first"));
        await _queue.DrainedAsync();
        Assert.Equal("first early too", string.Join(' ', _connection.Batches));
    }

    [Fact]
    public async Task Last_words_wait_for_a_release_and_nothing_comes_after_them()
    {
        _queue.Hold();
        _queue.Close([Bytes("error"), Bytes("end")]);
        Assert.False(_queue.Enqueue(Bytes("late")));
        Assert.Equal(Enqueued.Over, await _queue.EnqueueAsync(Stanza("late"), Ct));
        await Task.Delay(50, Ct);
        Assert.False(_queue.Finished.IsCompleted);
        _queue.Release();
        await _queue.Finished.WaitAsync(TimeSpan.FromSeconds(10), Ct);
        Assert.Equal("error end", string.Join(' ', _connection.Batches));
        Assert.True(_queue.Finished.IsCompletedSuccessfully);
    }

    [Fact]
    public async Task A_full_queue_lets_senders_wait_until_half_of_it_is_gone()
    {
        _connection.Gate = new TaskCompletionSource();
        Assert.Equal(Enqueued.Yes, await _queue.EnqueueAsync(new Outgoing(new byte[80]), Ct));
        var waiting = _queue.EnqueueAsync(new Outgoing(new byte[30]), Ct).AsTask();
        Assert.False(waiting.IsCompleted);
        // The stream's own words do not wait.
        Assert.True(_queue.Enqueue(new byte[30]));
        _time.Advance(TimeSpan.FromSeconds(4));
        Assert.Equal(TimeSpan.FromSeconds(4), _queue.FullFor(_time.GetTimestamp()));
        _connection.Gate.SetResult();
        Assert.Equal(Enqueued.Yes, await waiting.WaitAsync(TimeSpan.FromSeconds(10), Ct));
        Assert.Equal(TimeSpan.Zero, _queue.FullFor(_time.GetTimestamp()));
    }

    [Fact]
    public async Task One_stanza_beyond_the_bound_passes_an_empty_queue() => Assert.Equal(Enqueued.Yes, await _queue.EnqueueAsync(new Outgoing(new byte[500]), Ct));

    [Fact]
    public async Task A_write_that_stalls_is_seen_and_a_killed_queue_lets_everybody_go()
    {
        var limits = new StreamLimits();
        var watch = new StreamWatch(limits, _time);
        watch.Bound();
        _connection.Gate = new TaskCompletionSource();
        Assert.Equal(Enqueued.Yes, await _queue.EnqueueAsync(new Outgoing(new byte[100]), Ct));
        await StreamServer.Until(() => _connection.Batches.Count == 1);
        _time.Advance(limits.WriteStall - TimeSpan.FromSeconds(1));
        Assert.Equal(StreamDue.Nothing, watch.LookAt(_time.GetTimestamp(), arrivals: 1, _queue));
        _time.Advance(TimeSpan.FromSeconds(1));
        Assert.Equal(StreamDue.Cut, watch.LookAt(_time.GetTimestamp(), arrivals: 2, _queue));
        var waiting = _queue.EnqueueAsync(new Outgoing(new byte[30]), Ct).AsTask();
        var draining = _queue.DrainedAsync();
        _queue.Kill();
        Assert.Equal(Enqueued.Over, await waiting.WaitAsync(TimeSpan.FromSeconds(10), Ct));
        await draining.WaitAsync(TimeSpan.FromSeconds(10), Ct);
        await _queue.Finished.WaitAsync(TimeSpan.FromSeconds(10), Ct);
    }

    [Fact]
    public async Task A_failed_write_ends_the_queue()
    {
        _connection.Failure = new IOException("gone");
        _queue.Enqueue(Bytes("a"));
        await _queue.Finished.WaitAsync(TimeSpan.FromSeconds(10), Ct);
        await StreamServer.Until(() => _failure is not null);
        Assert.Same(_connection.Failure, _failure);
        Assert.Equal(Enqueued.Over, await _queue.EnqueueAsync(Stanza("b"), Ct));
    }

    [Fact]
    public async Task What_was_never_given_to_the_carrier_is_given_back_once_in_order()
    {
        var first = new TaskCompletionSource();
        _connection.Gate = first;
        Assert.Equal(Enqueued.Yes, await _queue.EnqueueAsync(Stanza("a"), Ct));
        await StreamServer.Until(() => _connection.Batches.Count == 1);
        foreach (var text in new[] { "b", "c" }) Assert.Equal(Enqueued.Yes, await _queue.EnqueueAsync(Stanza(text), Ct));
        // Half of the second batch goes into the network before that breaks.
        _connection.Gate = null;
        (_connection.Failure, _connection.Taken) = (new IOException("gone"), 1);
        first.SetResult();
        await _queue.Finished.WaitAsync(TimeSpan.FromSeconds(10), Ct);
        await _queue.QuietAsync().WaitAsync(TimeSpan.FromSeconds(10), Ct);
        Assert.Equal(["c"], _queue.TakeUnwritten().Select(u => u.Stanza.Id));
        Assert.Empty(_queue.TakeUnwritten());
    }

    [Fact]
    public async Task A_killed_queue_gives_back_what_waits_once_its_writer_has_left()
    {
        _connection.Gate = new TaskCompletionSource();
        await _queue.EnqueueAsync(Stanza("a"), Ct);
        await StreamServer.Until(() => _connection.Batches.Count == 1);
        await _queue.EnqueueAsync(Stanza("b"), Ct);
        _queue.Kill();
        var quiet = _queue.QuietAsync();
        Assert.False(quiet.IsCompleted);
        _connection.Gate.SetResult();
        await quiet.WaitAsync(TimeSpan.FromSeconds(10), Ct);
        Assert.Equal(["b"], _queue.TakeUnwritten().Select(u => u.Stanza.Id));
    }

    private static Outgoing Stanza(string text) => new(Bytes(text), new Message(new Element("message", "jabber:client").Attr("id", text)));

    private static ReadOnlyMemory<byte> Bytes(string text) => Encoding.UTF8.GetBytes(text);

    private sealed class FakeConnection : IXmppConnection
    {
        public List<string> Batches { get; } = [];

        public TaskCompletionSource? Gate { get; set; }

        public Exception? Failure { get; set; }

        public IPAddress? RemoteAddress => null;

        public ConnectionSecurity Security => throw new NotSupportedException();

        public long Arrivals => 0;

        public Func<int, ValueTask>? Arriving { get; set; }

        public ReadOnlyMemory<byte> ClosingTag => default;

        public int Taken { get; set; }

        public async ValueTask WriteAsync(List<Outgoing> batch)
        {
            if (Failure is not null) throw Failure;
            Batches.Add(string.Join(' ', batch.Select(b => Encoding.UTF8.GetString(b.Bytes.Span))));
            if (Gate is not null) await Gate.Task;
            Taken = batch.Count;
        }

        public ValueTask HangUpAsync() => throw new NotSupportedException();

        public ValueTask<XmlStreamEvent?> ReadAsync(CancellationToken ct) => throw new NotSupportedException();

        public ValueTask DiscardAsync(CancellationToken ct) => throw new NotSupportedException();

        public void Restart(XmlStreamLimits limits) => throw new NotSupportedException();

        public void Allow(XmlStreamLimits limits) => throw new NotSupportedException();

        public ReadOnlyMemory<byte> Format(StreamHeader header) => throw new NotSupportedException();

        public ReadOnlyMemory<byte> Format(Element nonza) => throw new NotSupportedException();

        public ReadOnlyMemory<byte> Format(Stanza stanza) => throw new NotSupportedException();

        public bool HasUnread() => throw new NotSupportedException();

        public Task UpgradeAsync(string domain, CancellationToken ct) => throw new NotSupportedException();

        public ValueTask DisposeAsync() => ValueTask.CompletedTask;

        public void Abort() => throw new NotSupportedException();
    }
}
