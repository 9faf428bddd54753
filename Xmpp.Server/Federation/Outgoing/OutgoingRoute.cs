using Microsoft.Extensions.Logging;
using Parley.Xmpp.Core.Addressing;
using Parley.Xmpp.Core.Stanzas;
using Parley.Xmpp.Server.Configuration;
using Parley.Xmpp.Server.Federation.Negotiation;

namespace Parley.Xmpp.Server.Federation.Outgoing;

/// <summary>What became of a stanza for a route.</summary>
internal enum Posted
{
    /// <summary>It waits, or is on its way.</summary>
    Yes,
    /// <summary>Too much waits already.</summary>
    Full,
    /// <summary>The route is over: another one must be made.</summary>
    Retired,
}

/// <summary>
/// What goes from one of our domains to one of theirs, in order, over as many streams as it takes: bounded, kept until the other side acknowledges it (XEP-0198), on a stream
/// without acknowledgements until the kernel has it. While the server cannot be reached, stanzas wait and are returned one by one when their time is over.
/// </summary>
internal sealed class OutgoingRoute(string local, string remote, Jid? opener, OutgoingRoutes owner, FederationOptions options, StreamLimits limits, TimeProvider time, ILogger log)
{
    /// <summary>How long a question or an answer waits: whoever asked does not wait longer.</summary>
    public static readonly TimeSpan IqTime = TimeSpan.FromSeconds(30);

    /// <summary>Silence after which a stream is closed.</summary>
    public static readonly TimeSpan IdleTime = TimeSpan.FromMinutes(10);

    // Answers that say nothing new are asked for again at once so many times, then so seldom: a server that lost count would be asked without end.
    private const int MostInVain = 2;
    private static readonly TimeSpan AskAgain = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan FirstPause = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan LongestPause = TimeSpan.FromMinutes(1);
    private static readonly TimeSpan ShortLife = TimeSpan.FromSeconds(10);

    private readonly Lock _gate = new();
    private readonly LinkedList<RoutedStanza> _waiting = new();
    private readonly Queue<RoutedStanza> _sent = new();
    private OutgoingServerStream? _stream;
    private long _bytes;
    private long _lastUse = time.GetTimestamp();
    private long _askedAt;
    private long _askedLast;
    private int _inVain;
    private long _readyAt;
    private uint _acknowledged;
    private bool _isManaged;
    private bool _isRunning;
    private bool _isRetired;

    /// <summary>Our domain.</summary>
    public string Local => local;

    /// <summary>Theirs.</summary>
    public string Remote => remote;

    /// <summary>The account or room whose stanza it was made for; null: a domain's.</summary>
    public Jid? Opener => opener;

    /// <summary>Since when it has had nothing to do, as a timestamp; null while something waits, or no stream carries it.</summary>
    public long? IdleSince
    {
        get
        {
            lock (_gate) return _stream is not null && _waiting.Count + _sent.Count == 0 ? _lastUse : null;
        }
    }

    /// <summary>Why the last attempt failed; null where it did not.</summary>
    public PeerFailure? Failure { get; private set; }

    /// <summary>Stanzas that wait or are not acknowledged.</summary>
    public int Count
    {
        get
        {
            lock (_gate) return _waiting.Count + _sent.Count;
        }
    }

    /// <summary>Whether a stream carries it now.</summary>
    public bool IsConnected
    {
        get
        {
            lock (_gate) return _stream is not null;
        }
    }

    /// <summary>Takes a stanza. Does not wait.</summary>
    public Posted Post(Stanza stanza)
    {
        var patience = stanza is Iq && options.RetryTime > IqTime ? IqTime : options.RetryTime;
        var routed = new RoutedStanza(stanza, time.GetTimestamp() + (long)(patience.TotalSeconds * time.TimestampFrequency), OnWritten);
        lock (_gate)
        {
            if (_isRetired) return Posted.Retired;
            // One stanza passes whatever its size.
            var count = _waiting.Count + _sent.Count;
            if (count >= options.QueueStanzas || (count > 0 && _bytes + routed.Bytes > options.QueueBytes)) return Posted.Full;
            _waiting.AddLast(routed);
            _bytes += routed.Bytes;
            Pump();
            if (_isRunning) return Posted.Yes;
            _isRunning = true;
        }

        _ = Task.Run(RunAsync);
        return Posted.Yes;
    }

    /// <summary>Ends it for another's sake, if it has nothing to do; the next stanza needs a new one.</summary>
    public bool TryRetire()
    {
        OutgoingServerStream resting;
        lock (_gate)
        {
            if (_stream is not { } stream || _waiting.Count + _sent.Count > 0) return false;
            (_stream, _isRetired, resting) = (null, true, stream);
        }

        resting.Rest();
        return true;
    }

    /// <summary>A stream is ready to carry it.</summary>
    public void Attach(OutgoingServerStream stream, bool isManaged)
    {
        lock (_gate)
        {
            (_stream, _isManaged, _acknowledged, _askedAt, _inVain, Failure) = (stream, isManaged, 0, 0, 0, null);
            _readyAt = _lastUse = time.GetTimestamp();
            Pump();
        }
    }

    /// <summary>The other side tells how many stanzas it has; returns how many there were where that is too many.</summary>
    public uint? Acknowledge(OutgoingServerStream by, uint h)
    {
        lock (_gate)
        {
            if (_stream != by || !_isManaged) return null;
            var news = unchecked(h - _acknowledged);
            if (news > _sent.Count) return unchecked(_acknowledged + (uint)_sent.Count);
            _inVain = news > 0 ? 0 : _inVain + 1;
            for (; news > 0; news--) Done();
            (_acknowledged, _askedAt) = (h, 0);
            Pump();
            return null;
        }
    }

    /// <summary>Does what is due: a stream whose other side does not answer is cut, one that is not used is closed.</summary>
    public void LookAt(OutgoingServerStream stream, long now)
    {
        bool isDead, isIdle;
        lock (_gate)
        {
            if (_stream != stream) return;
            if (_inVain >= MostInVain && time.GetElapsedTime(_askedLast, now) >= AskAgain)
            {
                _inVain = 0;
                Pump();
            }

            isDead = _askedAt != 0 && time.GetElapsedTime(_askedAt, now) >= limits.PingAnswer;
            isIdle = _waiting.Count + _sent.Count == 0 && time.GetElapsedTime(_lastUse, now) >= IdleTime;
            // From here on nothing is given to it; what comes meanwhile goes by the next.
            if (isDead || isIdle) _stream = null;
        }

        if (isDead) stream.GiveUp();
        else if (isIdle) stream.Rest();
    }

    private void OnWritten(RoutedStanza stanza)
    {
        lock (_gate)
        {
            if (_isManaged || !_sent.TryPeek(out var first) || first != stanza) return;
            Done();
            Pump();
        }
    }

    private async Task RunAsync()
    {
        var failures = 0;
        while (true)
        {
            lock (_gate)
            {
                if (_waiting.Count == 0)
                {
                    (_isRunning, _isRetired) = (false, true);
                    owner.Remove(this);
                    return;
                }
            }

            var (stream, failure) = await TryAsync();
            var lived = Detach(stream?.Failure is { IsLasting: true });
            if (stream is null && failure!.IsLasting)
            {
                log.LogDebug(231, "{Remote} cannot be spoken with: {Reason}", remote, failure.Reason);
                await ReturnAllAsync(failure);
                continue;
            }

            failures = lived > ShortLife ? 0 : failures + 1;
            Failure = failure ?? stream?.Failure;
            if (failures == 2) log.LogDebug(232, "{Remote} cannot be reached: {Reason}; trying again", remote, Failure?.Reason ?? "the connection broke");
            if (owner.IsClosing) await ReturnAllAsync(Failure);
            else await PauseAsync(failures);
        }
    }

    private async Task<(OutgoingServerStream? Stream, PeerFailure? Failure)> TryAsync()
    {
        try
        {
            return await owner.Connector.RunAsync(local, remote, null, this, CancellationToken.None);
        }
        catch (Exception e)
        {
            log.LogError(233, e, "A route to another server failed");
            return (null, new PeerFailure("an error of our own", false));
        }
    }

    // What was sent and not acknowledged goes first on the next stream. Returns how long this one carried stanzas.
    private TimeSpan Detach(bool isFault)
    {
        lock (_gate)
        {
            var sent = _sent.ToArray();
            _sent.Clear();
            for (var i = sent.Length - 1; i >= 0; i--)
            {
                // A stanza that the other server ends streams for must not stop all others for good.
                if (isFault) sent[i].Faults++;
                _waiting.AddFirst(sent[i]);
            }

            var lived = _readyAt == 0 ? TimeSpan.Zero : time.GetElapsedTime(_readyAt);
            (_stream, _readyAt, _askedAt) = (null, 0, 0);
            return lived;
        }
    }

    private async Task PauseAsync(int failures)
    {
        var pause = failures == 0 ? TimeSpan.Zero : FirstPause * Math.Pow(2, Math.Min(failures - 1, 10));
        if (pause > LongestPause) pause = LongestPause;
        // Not all at once, where a server was away for many.
        pause *= 0.75 + (Random.Shared.NextDouble() / 2);
        var began = time.GetTimestamp();
        while (true)
        {
            await ReturnAsync(s => s.Faults >= RoutedStanza.MostFaults || s.Until <= time.GetTimestamp(), StanzaCondition.RemoteServerTimeout, Failure);
            var left = pause - time.GetElapsedTime(began);
            if (left <= TimeSpan.Zero || owner.IsClosing) return;
            await Task.Delay(left < FirstPause ? left : FirstPause, time);
        }
    }

    private async Task ReturnAllAsync(PeerFailure? failure)
    {
        var isLasting = failure is { IsLasting: true };
        if (isLasting) owner.Refuse(this, failure!);
        await ReturnAsync(_ => true, isLasting ? StanzaCondition.RemoteServerNotFound : StanzaCondition.RemoteServerTimeout, failure);
    }

    private async Task ReturnAsync(Predicate<RoutedStanza> which, StanzaCondition condition, PeerFailure? failure)
    {
        List<RoutedStanza> returned = [];
        lock (_gate)
        {
            for (var node = _waiting.First; node is not null;)
            {
                var next = node.Next;
                if (which(node.Value))
                {
                    returned.Add(node.Value);
                    _bytes -= node.Value.Bytes;
                    _waiting.Remove(node);
                }

                node = next;
            }
        }

        foreach (var one in returned) await owner.ReturnAsync(one.Stanza, new StanzaError(condition, failure?.Reason));
    }

    // All below with the lock held.
    private void Pump()
    {
        if (_stream is not { } stream) return;
        while (_waiting.First is { } node)
        {
            _waiting.RemoveFirst();
            _sent.Enqueue(node.Value);
            stream.Send(node.Value);
            _lastUse = time.GetTimestamp();
            _inVain = 0;
        }

        if (!_isManaged || _askedAt != 0 || _sent.Count == 0 || _inVain >= MostInVain) return;
        _askedAt = _askedLast = time.GetTimestamp();
        stream.Ask();
    }

    private void Done() => _bytes -= _sent.Dequeue().Bytes;
}
