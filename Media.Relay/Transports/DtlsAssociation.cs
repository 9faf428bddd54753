using Parley.Media.Core.Dtls;

namespace Parley.Media.Relay.Transports;

/// <summary>What an association needs of its transport.</summary>
internal interface IDtlsOwner
{
    /// <summary>Whether datagrams can be sent.</summary>
    bool HasPath { get; }

    /// <summary>Sends a DTLS datagram over the path in use.</summary>
    void SendDtls(ReadOnlySpan<byte> datagram);

    /// <summary>The handshake is done: compare the fingerprint, then export keys.</summary>
    void OnHandshakeDone(IDtlsEngine engine, long nowMs);

    /// <summary>The peer said close_notify.</summary>
    void OnDtlsClosed(long nowMs);

    /// <summary>The handshake failed.</summary>
    void OnDtlsFailed(Exception? fault, long nowMs);
}

/// <summary>
/// A transport's DTLS engine and who has it at the moment: while the handshake runs it goes to the helper thread with what came for it, and back; from then on its few
/// records are handled at once.
/// </summary>
internal sealed class DtlsAssociation(IDtlsEngine engine, IHandshakeRunner runner, IDtlsOwner owner) : IDisposable
{
    /// <summary>Datagrams kept while the engine is away or nothing can be answered: more than two flights of a handshake.</summary>
    private const int MaxHeld = 16;

    private const byte HandshakeRecord = 22, ClientHello = 1;
    private const int MaxDatagram = 1200, MessageTypeOffset = 13;
    private const long RetryMs = 100;

    private readonly List<byte[]> _held = [];
    private bool _isAway, _isDisposed, _isOver, _hasKeys;
    private bool _isClient;
    private long _nextTickMs = long.MaxValue;

    /// <summary>Whether we are the server; only to be asked once there was a handshake and the engine is here.</summary>
    public bool IsServer => engine.IsServer;

    /// <summary>Whether we have begun, or answered, a handshake.</summary>
    public bool HasBegun { get; private set; }

    /// <summary>We start the handshake as soon as there is a path, unless the peer did already.</summary>
    public void BecomeClient(long nowMs)
    {
        _isClient = true;
        Pump(nowMs);
    }

    /// <summary>Takes a datagram.</summary>
    public DropReason Receive(ReadOnlySpan<byte> datagram, long nowMs)
    {
        if (_isOver || _held.Count >= MaxHeld) return DropReason.DtlsUnexpected;
        if (_hasKeys)
        {
            engine.Receive(datagram);
            Flush();
            Judge(nowMs);
            return DropReason.None;
        }

        // Nothing but a first flight begins a handshake, and only of a peer that may be the client.
        if (!HasBegun && (_isClient || datagram.Length <= MessageTypeOffset || datagram[0] != HandshakeRecord || datagram[MessageTypeOffset] != ClientHello)) return DropReason.DtlsUnexpected;
        _held.Add(datagram.ToArray());
        Pump(nowMs);
        return DropReason.None;
    }

    /// <summary>Goes on if there is something to do: datagrams that came, a timer that is due, a path that was missing.</summary>
    public void Pump(long nowMs)
    {
        if (_isAway || _isOver || _hasKeys || !owner.HasPath) return;
        bool? start = HasBegun ? null : _isClient ? false : _held.Count > 0 ? true : null;
        if (start is null && _held.Count == 0 && nowMs < _nextTickMs) return;
        // Cleared first: a runner may return the job at once.
        byte[][] inputs = [.. _held];
        _held.Clear();
        (_isAway, _nextTickMs) = (true, long.MaxValue);
        var hadBegun = HasBegun;
        HasBegun = true;
        if (runner.TryRun(new(this, engine, start, inputs, nowMs))) return;
        (_isAway, HasBegun, _nextTickMs) = (false, hadBegun, nowMs + RetryMs);
    }

    /// <summary>The engine is back.</summary>
    public void OnReturned(DtlsJob job, long nowMs)
    {
        _isAway = false;
        if (_isDisposed)
        {
            engine.Dispose();
            return;
        }

        _nextTickMs = job.NextTickMs;
        foreach (var datagram in job.Outputs) owner.SendDtls(datagram);
        if (job.Fault is { } fault) Fail(fault, nowMs);
        else Judge(nowMs);
        if (!_hasKeys || _isOver)
        {
            Pump(nowMs);
            return;
        }

        foreach (var datagram in _held.ToArray()) engine.Receive(datagram);
        _held.Clear();
        Flush();
        Judge(nowMs);
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        if (_isDisposed) return;
        (_isDisposed, _isOver) = (true, true);
        _held.Clear();
        if (_isAway) return;
        if (_hasKeys && engine.State == DtlsState.Connected)
        {
            engine.Close();
            Flush();
        }

        engine.Dispose();
    }

    private void Judge(long nowMs)
    {
        if (_isOver) return;
        switch (engine.State)
        {
            case DtlsState.Connected when !_hasKeys:
                _hasKeys = true;
                owner.OnHandshakeDone(engine, nowMs);
                break;
            case DtlsState.Closed:
                _isOver = true;
                Flush();
                owner.OnDtlsClosed(nowMs);
                break;
            case DtlsState.Failed:
                Fail(null, nowMs);
                break;
        }
    }

    private void Fail(Exception? fault, long nowMs)
    {
        _isOver = true;
        owner.OnDtlsFailed(fault, nowMs);
    }

    private void Flush()
    {
        Span<byte> datagram = stackalloc byte[MaxDatagram];
        for (int length; (length = engine.WriteNext(datagram)) > 0;) owner.SendDtls(datagram[..length]);
    }
}
