using Parley.Doctor.Network;
using Parley.Doctor.Xmpp;
using Parley.Media.Relay.Native;
using Parley.Xmpp.Core.Addressing;

namespace Parley.Doctor.Call;

/// <summary>What came of a call of two in a room of their own.</summary>
/// <param name="State">How far the worse of the two came.</param>
/// <param name="Paths">Where media was offered, and what answered, for each.</param>
/// <param name="IsHeard">Whether each heard the other.</param>
/// <param name="Fault">What went wrong; null if nothing did.</param>
internal sealed record CallOutcome(MediaState State, IReadOnlyList<MediaPath> Paths, bool IsHeard, string? Fault);

/// <summary>Lets two participants join one room and hear each other.</summary>
internal static class CallTrial
{
    private static readonly TimeSpan PathTime = TimeSpan.FromSeconds(3), KeysTime = TimeSpan.FromSeconds(5), VoiceTime = TimeSpan.FromSeconds(4);

    // An advertised address that answers does so within a round trip of the others.
    private static readonly TimeSpan OthersTime = TimeSpan.FromMilliseconds(500);

    // More than one packet: one may be an accident, and whatever gets through once gets through again.
    private const int Enough = 5;

    /// <summary>Tries it.</summary>
    /// <exception cref="ReachException">The room refuses.</exception>
    public static async Task<CallOutcome> RunAsync(XmppClient first, XmppClient second, Jid room, CancellationToken ct)
    {
        using var dtls = new OpenSslDtlsFactory();
        using var ann = new Participant(first, room, "doctor 1", dtls);
        using var bob = new Participant(second, room, "doctor 2", dtls);
        Participant[] both = [ann, bob];
        foreach (var one in both) await one.JoinAsync(ct);
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(ct);
        Task[] running = [.. both.Select(p => p.Media.RunAsync(stop.Token)), .. both.Select(p => p.ListenAsync(stop.Token))];
        var isHeard = false;
        try
        {
            if (await UntilAsync(() => both.All(p => p.Media.State != MediaState.NoPath), PathTime, running, ct))
            {
                await Task.Delay(OthersTime, ct);
                if (await UntilAsync(() => both.All(p => p.Media.State == MediaState.Up), KeysTime, running, ct)) isHeard = await UntilAsync(() => both.All(Hears), VoiceTime, running, ct);
            }

            foreach (var one in both) await one.LeaveAsync(ct);
        }
        finally
        {
            await stop.CancelAsync();
            await Task.WhenAll(running).ContinueWith(_ => { }, CancellationToken.None, TaskContinuationOptions.None, TaskScheduler.Default);
        }

        return new CallOutcome(both.Min(p => p.Media.State), [.. both.Select(p => p.Media.Path!)], isHeard, both.Select(p => p.Media.Fault).FirstOrDefault(f => f is not null));
    }

    private static bool Hears(Participant p) => p.Sources.Any(s => p.Media.Heard(s) >= Enough);

    private static async Task<bool> UntilAsync(Func<bool> holds, TimeSpan limit, Task[] running, CancellationToken ct)
    {
        for (var end = DateTime.UtcNow + limit; DateTime.UtcNow < end; await Task.Delay(20, ct))
        {
            if (holds()) return true;
            foreach (var ended in running.Where(t => t.IsFaulted)) await ended; // throws what it ran into
        }

        return false;
    }
}
