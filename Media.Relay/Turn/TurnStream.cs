using System.Buffers;
using System.IO.Pipelines;
using System.Threading.Tasks.Sources;
using Parley.Media.Core.Turn;

namespace Parley.Media.Relay.Turn;

/// <summary>
/// A client on a TCP or TLS connection. Its connection's task reads, hands what came to the worker and waits until that has taken it, so nothing is copied and a fast
/// sender is slowed down; what the worker has for it waits in a bounded pipe. Only the worker's thread touches the protocol's side.
/// </summary>
internal sealed class TurnStream(FiveTuple path, bool isTls, TurnStreams home) : IValueTaskSource<bool>
{
    /// <summary>The longest message taken: more than any request needs, and than a datagram on the way to a peer may have.</summary>
    public const int MaxMessage = 4096;

    // A turn of one stream must not keep the worker from the others.
    private const int MaxTurnBytes = 16 * 1024;

    // Relayed data that waits longer than this is late; answers may wait a little longer, and a client that does not even read those is gone.
    private const int MaxRelayed = 128 * 1024, MaxWaiting = 160 * 1024;

    // For the last answers of a client that still reads.
    private static readonly TimeSpan LastWords = TimeSpan.FromSeconds(2);

    private readonly Pipe _outbound = new(new PipeOptions(pauseWriterThreshold: 0, resumeWriterThreshold: 0, useSynchronizationContext: false));
    private readonly TurnDeframer _deframer = new(MaxMessage);
    private ManualResetValueTaskSourceCore<bool> _turn = new() { RunContinuationsAsynchronously = true };
    private ReadOnlySequence<byte> _input;
    private PipeReader? _reader;
    private TcpPeer? _peer;
    private long _taken;
    private bool _isClosing;
    private int _waiting, _unflushed, _isEnded;

    public FiveTuple Path => path;

    /// <summary>When it last had an allocation, or came. The worker's.</summary>
    public long SeenAt { get; set; }

    /// <summary>Whether it is a peer's from now on.</summary>
    public bool IsJoined => _peer is not null;

    /// <summary>Carries the connection until it ends.</summary>
    /// <param name="transport">Its bytes; not completed here.</param>
    /// <param name="abort">Cuts it.</param>
    public async Task RunAsync(IDuplexPipe transport, Action abort)
    {
        _reader = transport.Input;
        var writing = WriteAsync(transport.Output);
        try
        {
            await ReadAsync();
            if (_peer is { } peer)
            {
                await writing; // the answer goes before the peer's first byte
                await peer.CarryAsync(transport, abort);
            }
        }
        finally
        {
            _isClosing = true;
            await TakeTurnAsync(default);
            if (await Task.WhenAny(writing, Task.Delay(LastWords)) != writing) abort();
            await writing;
        }
    }

    /// <summary>Takes what came and what is to be. On the worker's thread.</summary>
    /// <returns>False if no more messages are to be read.</returns>
    public bool Process(TurnServer server, long nowMs)
    {
        if (_isClosing || Volatile.Read(ref _isEnded) != 0) return false;
        foreach (var segment in _input)
        {
            var rest = segment.Span;
            while (true)
            {
                var frame = _deframer.Next(ref rest, out var message);
                if (frame == TurnFrame.NeedMore) break;
                if (frame == TurnFrame.Message) server.Handle(path, message, nowMs);
                else server.CountMalformed();
                if (frame != TurnFrame.Broken && !IsJoined) continue;
                _taken += segment.Length - rest.Length; // what follows is the peer's
                return false;
            }

            _taken += segment.Length;
        }

        return true;
    }

    /// <summary>Tells the connection's task that its turn is over.</summary>
    /// <param name="goesOn">Whether to read on.</param>
    public void EndTurn(bool goesOn)
    {
        _input = default;
        _turn.SetResult(goesOn);
    }

    /// <summary>Gives room for a message, padded to a multiple of 4 (RFC 8656 section 12.5). On the worker's thread.</summary>
    public Span<byte> Reserve(int length, bool isRelayed)
    {
        if (Volatile.Read(ref _isEnded) != 0) return default;
        var padded = (length + 3) & ~3;
        if (Volatile.Read(ref _waiting) + _unflushed + padded > (isRelayed ? MaxRelayed : MaxWaiting))
        {
            if (!isRelayed) End();
            return default;
        }

        if (_unflushed == 0) home.WillFlush(this);
        var room = _outbound.Writer.GetSpan(padded)[..padded];
        _outbound.Writer.Advance(padded); // read by nobody before the flush
        _unflushed += padded;
        room[length..].Clear();
        return room[..length];
    }

    /// <summary>Lets the connection's task send what was written. On the worker's thread.</summary>
    public void Flush()
    {
        if (_unflushed == 0 || Volatile.Read(ref _isEnded) != 0) return;
        Interlocked.Add(ref _waiting, _unflushed);
        _unflushed = 0;
        Check(_outbound.Writer.FlushAsync());
    }

    /// <summary>Makes it a peer's: what follows the message at hand is not read here. On the worker's thread.</summary>
    public void Join(TcpPeer peer) => _peer = peer;

    /// <summary>Lets what was written go out, after which the peer's bytes may follow. On the worker's thread.</summary>
    public void HandOver()
    {
        if (Interlocked.Exchange(ref _isEnded, 1) == 0) _outbound.Writer.Complete();
    }

    /// <summary>Lets what was flushed go out, and no more; the connection's task ends then. On the worker's thread, or where no worker has it.</summary>
    public void End()
    {
        if (Interlocked.Exchange(ref _isEnded, 1) != 0) return;
        _outbound.Writer.Complete();
        _reader?.CancelPendingRead();
    }

    bool IValueTaskSource<bool>.GetResult(short token) => _turn.GetResult(token);

    ValueTaskSourceStatus IValueTaskSource<bool>.GetStatus(short token) => _turn.GetStatus(token);

    void IValueTaskSource<bool>.OnCompleted(Action<object?> continuation, object? state, short token, ValueTaskSourceOnCompletedFlags flags) =>
        _turn.OnCompleted(continuation, state, token, flags);

    // The pipe has no threshold of its own, since the bound is ours: nobody waits for a flush.
    private static void Check(ValueTask<FlushResult> flush)
    {
        if (!flush.IsCompletedSuccessfully) throw new InvalidOperationException("The pipe kept the worker waiting.");
    }

    private ValueTask<bool> TakeTurnAsync(ReadOnlySequence<byte> input)
    {
        (_input, _taken) = (input, 0);
        _turn.Reset();
        var turn = new ValueTask<bool>(this, _turn.Version);
        home.Enqueue(this);
        return turn;
    }

    private async Task ReadAsync()
    {
        try
        {
            // Its first turn makes it known to the worker, which counts its time from then on.
            for (var goesOn = await TakeTurnAsync(default); goesOn;)
            {
                var read = await _reader!.ReadAsync();
                var input = read.Buffer.Slice(0, Math.Min(read.Buffer.Length, MaxTurnBytes));
                var isLast = read.IsCanceled || (read.IsCompleted && input.Length == read.Buffer.Length);
                goesOn = (input.IsEmpty || await TakeTurnAsync(input)) && !isLast;
                _reader.AdvanceTo(IsJoined ? input.GetPosition(_taken) : input.End);
            }
        }
        catch (Exception e) when (e is IOException or OperationCanceledException)
        {
            // The connection is cut; what it was for ends with it.
        }
    }

    private async Task WriteAsync(PipeWriter output)
    {
        var waiting = _outbound.Reader;
        try
        {
            while (true)
            {
                var read = await waiting.ReadAsync();
                var isGone = false;
                foreach (var segment in read.Buffer)
                {
                    // Some clients, coturn's among them, take a TLS record for a message: there each goes alone. A message never spans segments.
                    for (var rest = segment; isTls && !rest.IsEmpty && !isGone;)
                    {
                        var length = TurnDeframer.Measure(rest.Span);
                        isGone = (await output.WriteAsync(rest[..length])).IsCompleted;
                        rest = rest[length..];
                    }

                    if (!isTls) output.Write(segment.Span);
                }

                if (!isTls) isGone = (await output.FlushAsync()).IsCompleted;
                Interlocked.Add(ref _waiting, -(int)read.Buffer.Length);
                waiting.AdvanceTo(read.Buffer.End);
                if (read.IsCompleted || isGone) break;
            }
        }
        catch (Exception e) when (e is IOException or OperationCanceledException)
        {
            // As above.
        }
        finally
        {
            await waiting.CompleteAsync();
            _reader!.CancelPendingRead();
        }
    }
}
