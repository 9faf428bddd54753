using System.Collections.Concurrent;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using Parley.Xmpp.Core.Addressing;
using Parley.Xmpp.Core.Stanzas;

namespace Parley.Plugins.Push;

/// <summary>A message by its sender and its id.</summary>
internal readonly record struct MessageKey(Jid From, string Id)
{
    /// <summary>That of a message; null where it cannot be told from others.</summary>
    public static MessageKey? Of(Message message) => message is { From: { } from, Id: { } id } ? new(from, id) : null;
}

/// <summary>
/// Notifications on their way: for each registration one at a time, the next at the earliest when the interval is over, and what comes meanwhile in one. An app server that
/// fails is left alone for longer each time; one that refuses loses the registration.
/// </summary>
internal sealed class PushQueues(PushSender sender, Registrations registrations, IOptionsMonitor<PushOptions> options, TimeProvider time, ILogger<PushQueues> log)
{
    /// <summary>Failures in a row after which a registration is given up.</summary>
    internal const int MaxFailures = 20;

    // Of each registration, to know what comes once more.
    private const int MaxKnown = 100;

    /// <summary>Registrations that something is remembered of at most; beyond that those without news are forgotten.</summary>
    internal int MaxRemembered { get; init; } = 50_000;

    private static readonly TimeSpan FirstPause = TimeSpan.FromMinutes(1), LongestPause = TimeSpan.FromHours(2);
    private readonly ConcurrentDictionary<(Jid Account, Jid Service, string Node), Line> _lines = new();
    private long _sent, _failed, _givenUp;

    /// <summary>Notifications that were taken since the start.</summary>
    public long Sent => Interlocked.Read(ref _sent);

    /// <summary>Notifications that failed since the start.</summary>
    public long Failed => Interlocked.Read(ref _failed);

    /// <summary>Registrations given up since the start.</summary>
    public long GivenUp => Interlocked.Read(ref _givenUp);

    /// <summary>Adds a message to what a registration is told of.</summary>
    /// <param name="registration">The registration.</param>
    /// <param name="from">Who sent it.</param>
    /// <param name="isUrgent">Whether it does not wait for the interval's end.</param>
    /// <param name="again">By what it is known if it may come once more, as what its client never acknowledged does.</param>
    public void Add(Registration registration, Jid from, bool isUrgent, MessageKey? again = null)
    {
        if (_lines.Count >= MaxRemembered) ForgetIdle();
        if (_lines.Count >= MaxRemembered) return;
        var line = _lines.GetOrAdd(KeyOf(registration), _ => new Line());
        lock (line)
        {
            if (line.IsGivenUp) return; // the registration is about to go
            if (again is { } key && !line.IsNew(key)) return;
            line.Registration = registration;
            line.Count++;
            line.Last = from;
            line.IsDirty = true;
            if (line.IsRunning)
            {
                if (isUrgent && line.FailuresInARow == 0) line.Wake.TrySetResult();
                return;
            }

            line.IsRunning = true;
            if (isUrgent && line.FailuresInARow == 0) line.NotBefore = default;
        }

        _ = Task.Run(() => RunAsync(line));
    }

    /// <summary>Somebody of the account that these registrations are of looks: what was counted is seen.</summary>
    public void Seen(IEnumerable<Registration> registrations)
    {
        foreach (var registration in registrations)
        {
            if (!_lines.TryGetValue(KeyOf(registration), out var line)) continue;
            lock (line) (line.Count, line.IsDirty) = (0, false);
        }
    }

    /// <summary>A client enabled a registration (anew): what its app server failed in before is forgotten, and what came before it is seen.</summary>
    public void Renewed(Registration registration)
    {
        if (!_lines.TryGetValue(KeyOf(registration), out var line)) return;
        lock (line) (line.Count, line.FailuresInARow, line.NotBefore, line.IsDirty) = (0, 0, default, false);
    }

    /// <summary>Forgets registrations that are gone: one, (no node) all of a service, or (no service) all of an account. What is counted for them is not sent any more.</summary>
    public void Forget(Jid account, Jid? service = null, string? node = null)
    {
        foreach (var (key, line) in _lines)
        {
            if (key.Account != account || (service is not null && key.Service != service) || (node is not null && key.Node != node)) continue;
            lock (line)
            {
                (line.IsDirty, line.IsGivenUp) = (false, true);
                line.Wake.TrySetResult(); // it ends now, not after its pause
            }

            _lines.TryRemove(KeyValuePair.Create(key, line));
        }
    }

    private void ForgetIdle()
    {
        foreach (var (key, line) in _lines)
        {
            lock (line)
            {
                if (!line.IsRunning) _lines.TryRemove(KeyValuePair.Create(key, line));
            }
        }
    }

    private async Task RunAsync(Line line)
    {
        try
        {
            while (true)
            {
                TimeSpan pause;
                lock (line)
                {
                    pause = line.NotBefore - time.GetUtcNow();
                    if (pause > TimeSpan.Zero && line.Wake.Task.IsCompleted) line.Wake = new(TaskCreationOptions.RunContinuationsAsynchronously);
                }

                if (pause > TimeSpan.Zero) await Task.WhenAny(Task.Delay(pause, time), line.Wake.Task);
                Notification notification;
                lock (line)
                {
                    if (!line.IsDirty)
                    {
                        line.IsRunning = false;
                        return;
                    }

                    line.IsDirty = false;
                    notification = new Notification(line.Registration!, line.Count, options.CurrentValue.ShowSender ? line.Last : null);
                }

                if (!await SendAsync(line, notification)) return;
            }
        }
        catch (Exception e)
        {
            lock (line) line.IsRunning = false;
            log.LogError(e, "Sending push notifications failed");
        }
    }

    private async Task<bool> SendAsync(Line line, Notification notification)
    {
        var outcome = await sender.SendAsync(notification, CancellationToken.None);
        var isGivenUp = outcome == PushOutcome.Refused;
        lock (line)
        {
            if (outcome == PushOutcome.Taken)
            {
                line.FailuresInARow = 0;
                line.NotBefore = time.GetUtcNow() + options.CurrentValue.Interval;
            }
            else if (outcome == PushOutcome.Failed)
            {
                isGivenUp = ++line.FailuresInARow >= MaxFailures;
                // It is not sent again by itself: the next message brings it along.
                line.NotBefore = time.GetUtcNow() + Min(FirstPause * Math.Pow(2, Math.Min(line.FailuresInARow - 1, 10)), LongestPause);
            }

            if (isGivenUp) (line.IsRunning, line.IsGivenUp) = (false, true);
        }

        Interlocked.Increment(ref outcome == PushOutcome.Taken ? ref _sent : ref _failed);
        if (!isGivenUp) return true;
        var registration = notification.Registration;
        try
        {
            await registrations.RemoveAsync(registration.Account, registration.Service, registration.Node, CancellationToken.None);
            Interlocked.Increment(ref _givenUp);
        }
        finally
        {
            _lines.TryRemove(KeyValuePair.Create(KeyOf(registration), line));
        }

        return false;
    }

    private static TimeSpan Min(TimeSpan a, TimeSpan b) => a < b ? a : b;

    private static (Jid, Jid, string) KeyOf(Registration r) => (r.Account, r.Service, r.Node);

    private sealed class Line
    {
        public Registration? Registration { get; set; }

        public int Count { get; set; }

        public Jid? Last { get; set; }

        public bool IsDirty { get; set; }

        public bool IsRunning { get; set; }

        public bool IsGivenUp { get; set; }

        public int FailuresInARow { get; set; }

        public DateTimeOffset NotBefore { get; set; }

        private Queue<MessageKey>? _known;

        /// <summary>Whether it is the first time that this one comes; only the latest are remembered.</summary>
        public bool IsNew(MessageKey key)
        {
            _known ??= new Queue<MessageKey>();
            if (_known.Contains(key)) return false;
            if (_known.Count == MaxKnown) _known.Dequeue();
            _known.Enqueue(key);
            return true;
        }

        public TaskCompletionSource Wake { get; set; } = new(TaskCreationOptions.RunContinuationsAsynchronously);
    }
}
