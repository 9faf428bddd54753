using System.Runtime.CompilerServices;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using Parley.Xmpp.Core.Addressing;
using Parley.Xmpp.Core.Stanzas;
using Parley.Xmpp.Server.Configuration;
using Parley.Xmpp.Server.Storage;

namespace Parley.Xmpp.Server.Sessions;

/// <summary>
/// The queue on the disk of messages that clients have not acknowledged (XEP-0198): what the server vouches for to a sender, a crash does not lose. A message waits in memory for a moment, since
/// most clients acknowledge within it and nothing is written then; what is left is written together, in one commit with the removal of what was acknowledged since.
/// </summary>
internal sealed class KeptMessages(IUnacknowledgedStore store, XmppServerSettings settings, TimeProvider time, ILogger<KeptMessages>? log = null) : IAsyncDisposable
{
    /// <summary>For how long a message waits for its acknowledgement before it is written, and an acknowledgement before it removes it.</summary>
    public static readonly TimeSpan Patience = TimeSpan.FromMilliseconds(100);

    private const int MostTogether = 500;

    // Between two commits of what can wait: more go together then.
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(25);

    // Until a database that failed is asked again.
    private static readonly TimeSpan RetryTime = TimeSpan.FromSeconds(1);

    private readonly ILogger _log = log ?? NullLogger<KeptMessages>.Instance;
    private readonly Lock _gate = new();
    private readonly ConditionalWeakTable<Stanza, KeptMessage> _known = [];
    private readonly Queue<(KeptMessage Message, long Since)> _patient = new();
    private readonly Queue<KeptMessage> _urgent = new();
    private readonly List<long> _removed = [];
    private ITimer? _timer;
    private Task _writing = Task.CompletedTask;
    private long _due = long.MaxValue; // when the timer fires; the most: it does not
    private int _count;
    private bool _isWriting;
    private bool _isClosed;
    private long _order;
    private long? _before; // the last number from before this start

    /// <summary>Whether anything is kept that was not before.</summary>
    public bool IsOn => settings.Sessions.KeepUnacknowledged;

    /// <summary>How many are on the disk.</summary>
    public int Count => Volatile.Read(ref _count);

    /// <summary>Keeps a message that clients are given now. The caller holds it at once.</summary>
    /// <param name="account">Whose clients.</param>
    /// <param name="message">The message.</param>
    /// <param name="received">When the server had it first.</param>
    /// <param name="isUrgent">Whether no acknowledgement is to be expected soon.</param>
    public KeptMessage Keep(Jid account, Message message, DateTimeOffset received, bool isUrgent)
    {
        KeptMessage kept;
        lock (_gate)
        {
            kept = new KeptMessage(this, account.Bare, message, received) { Order = ++_order };
            if (isUrgent) _urgent.Enqueue(kept);
            else _patient.Enqueue((kept, time.GetTimestamp()));
            Schedule(isUrgent ? TimeSpan.Zero : Patience);
        }

        return kept;
    }

    /// <summary>Knows one that is on the disk already, from before this start. The caller holds it.</summary>
    public KeptMessage Found(UnacknowledgedMessage found)
    {
        var kept = new KeptMessage(this, found.Account, found.Message, found.Received) { Id = found.Id, Holders = 1 };
        lock (_gate)
        {
            kept.Become(KeptState.Kept);
            _count++;
        }

        Know(found.Message, kept);
        return kept;
    }

    /// <summary>The kept one that a message is, which goes elsewhere now; null if it is none, or needed no more.</summary>
    public KeptMessage? Find(Stanza message)
    {
        if (!_known.TryGetValue(message, out var kept)) return null;
        lock (_gate) return kept.State == KeptState.Over ? null : kept;
    }

    /// <summary>A message stands for a kept one.</summary>
    public void Know(Stanza message, KeptMessage kept) => _known.AddOrUpdate(message, kept);

    /// <summary>The number that another store's write is to remove with what it takes over; 0 if there is none.</summary>
    public long NumberOf(KeptMessage kept)
    {
        lock (_gate) return kept.Id;
    }

    /// <summary>One more sees to it.</summary>
    public void Hold(KeptMessage kept)
    {
        lock (_gate) kept.Holders++;
    }

    /// <summary>One less does.</summary>
    public void Release(KeptMessage kept)
    {
        lock (_gate)
        {
            if (--kept.Holders > 0) return;
        }

        Arrived(kept);
    }

    /// <summary>A client has it.</summary>
    public void Arrived(KeptMessage kept) => End(kept, isRemoved: false);

    /// <summary>It is elsewhere on the disk.</summary>
    public void Stored(KeptMessage kept) => End(kept, isRemoved: true);

    /// <summary>Lets a sender's stanza wait until it is on the disk.</summary>
    public void Wait(KeptMessage kept, Handling sender)
    {
        lock (_gate)
        {
            if (kept.State is KeptState.Kept or KeptState.Over) return;
            sender.Add();
            kept.Add(sender);
        }
    }

    /// <summary>Writes what is left to write.</summary>
    public async ValueTask DisposeAsync()
    {
        Task writing;
        lock (_gate)
        {
            if (_isClosed) return;
            _isClosed = true;
            writing = _writing;
        }

        if (_timer is { } timer) await timer.DisposeAsync();
        await writing;
        while (Take() is var (added, removed) && added.Count + removed.Count > 0 && await WriteAsync(added, removed))
        {
            // The next ones.
        }
    }

    private void End(KeptMessage kept, bool isRemoved)
    {
        Handling? told;
        lock (_gate)
        {
            if (kept.State == KeptState.Over) return;
            if (kept.State == KeptState.Kept) _count--;
            // What is being written is removed when it is there.
            if (kept.State == KeptState.Kept && !isRemoved)
            {
                _removed.Add(kept.Id);
                Schedule(Patience);
            }

            told = kept.Become(KeptState.Over);
        }

        told?.Done();
    }

    // Within the lock.
    private void Schedule(TimeSpan within)
    {
        if (_isWriting || _isClosed) return;
        var due = time.GetTimestamp() + (long)(within.TotalSeconds * time.TimestampFrequency);
        if (due >= _due) return;
        _due = due;
        _timer ??= time.CreateTimer(static s => ((KeptMessages)s!).Begin(), this, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
        _timer.Change(within, Timeout.InfiniteTimeSpan);
    }

    private void Begin()
    {
        lock (_gate)
        {
            _due = long.MaxValue;
            if (_isWriting || _isClosed) return;
            _isWriting = true;
            _writing = RunAsync();
        }
    }

    private async Task RunAsync()
    {
        await Task.Yield(); // out of the lock
        var isDone = false;
        try
        {
            bool isFull;
            do
            {
                var (added, removed) = Take();
                isFull = added.Count == MostTogether || removed.Count == MostTogether;
                isDone = added.Count + removed.Count == 0 || await WriteAsync(added, removed);
            }
            while (isDone && isFull);
        }
        finally
        {
            lock (_gate)
            {
                _isWriting = false;
                if (!isDone) Schedule(RetryTime);
                else if (_urgent.Count > 0) Schedule(TimeSpan.Zero);
                else ScheduleRest();
            }
        }
    }

    // Within the lock.
    private void ScheduleRest()
    {
        if (_removed.Count > 0) Schedule(Patience);
        if (!_patient.TryPeek(out var next)) return;
        var left = Patience - time.GetElapsedTime(next.Since);
        Schedule(left > Pause ? left : Pause);
    }

    private (List<KeptMessage> Added, List<long> Removed) Take()
    {
        lock (_gate)
        {
            var added = new List<KeptMessage>();
            while (added.Count < MostTogether && TryNext(out var kept))
            {
                if (kept.State != KeptState.Waiting) continue;
                kept.Become(KeptState.Writing);
                added.Add(kept);
            }

            var count = Math.Min(_removed.Count, MostTogether);
            var removed = _removed[..count];
            _removed.RemoveRange(0, count);
            return (added, removed);
        }
    }

    private bool TryNext(out KeptMessage kept)
    {
        if (_urgent.TryDequeue(out kept!)) return true;
        if (!_patient.TryPeek(out var next) || (!_isClosed && time.GetElapsedTime(next.Since) < Patience)) return false;
        kept = _patient.Dequeue().Message;
        return true;
    }

    private async Task<bool> WriteAsync(List<KeptMessage> added, List<long> removed)
    {
        try
        {
            _before ??= await store.FindLastAsync(CancellationToken.None);
            await store.ChangeAsync(Number(added), removed, CancellationToken.None);
        }
        catch (Exception e)
        {
            // Their senders are told nothing yet. A client that acknowledges meanwhile settles it.
            _log.LogError(e, "Messages that clients have not acknowledged could not be written");
            lock (_gate)
            {
                _removed.InsertRange(0, removed);
                foreach (var kept in added) Again(kept);
            }

            return false;
        }

        foreach (var kept in added) Written(kept)?.Done();
        return true;
    }

    private List<UnacknowledgedMessage> Number(List<KeptMessage> added)
    {
        var rows = new List<UnacknowledgedMessage>(added.Count);
        lock (_gate)
        {
            foreach (var kept in added)
            {
                // Whatever was acknowledged since: whether the number is on the disk decides, once it is known.
                kept.Id = _before!.Value + kept.Order;
                if (kept.Message is { } message) rows.Add(new UnacknowledgedMessage(kept.Id, kept.Account, message, kept.Received));
            }
        }

        return rows;
    }

    private Handling? Written(KeptMessage kept)
    {
        lock (_gate)
        {
            if (kept.State == KeptState.Writing)
            {
                _count++;
                return kept.Become(KeptState.Kept);
            }

            _removed.Add(kept.Id);
            return null;
        }
    }

    // A commit whose end nobody knows may have kept it, so that it keeps its number.
    private void Again(KeptMessage kept)
    {
        if (kept.State == KeptState.Over)
        {
            if (kept.Id != 0) _removed.Add(kept.Id);
            return;
        }

        kept.Become(KeptState.Waiting);
        _urgent.Enqueue(kept);
    }
}
