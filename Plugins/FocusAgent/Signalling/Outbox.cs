using Microsoft.Extensions.Logging;
using Parley.Plugin.Abstractions;
using Parley.Xmpp.Core.Addressing;
using Parley.Xmpp.Core.Stanzas;
using Parley.Xmpp.Core.Xml;

namespace Parley.Plugins.FocusAgent.Signalling;

/// <summary>
/// Stanzas of one conference on their way out. They leave in order, once the piece of work that wrote them is done; answers to requests come back as work of
/// the conference, and nobody waits for them.
/// </summary>
/// <param name="router">Sends.</param>
/// <param name="iqs">Asks.</param>
/// <param name="clock">Measures waits.</param>
/// <param name="enqueue">Brings work to the conference.</param>
/// <param name="logger">Hears of what could not be sent.</param>
public sealed class Outbox(IStanzaRouter router, IIqClient iqs, TimeProvider clock, Func<Action, ValueTask> enqueue, ILogger logger)
{
    private readonly Queue<Func<CancellationToken, ValueTask>> _pending = [];
    private readonly HashSet<ITimer> _timers = [];
    private readonly Lock _gate = new();
    private bool _isClosed;

    /// <summary>Sends a stanza.</summary>
    public void Send(Stanza stanza) => _pending.Enqueue(ct => router.RouteAsync(stanza, ct));

    /// <summary>Asks by an IQ of type set.</summary>
    /// <param name="from">The room as it was called.</param>
    /// <param name="to">The client.</param>
    /// <param name="payload">What is asked.</param>
    /// <param name="onAnswer">Takes the error, or null for a result; null if nobody cares.</param>
    public void Ask(Jid from, Jid to, Element payload, Action<StanzaError?>? onAnswer = null) =>
        Ask("set", from, to, payload, null, iq => onAnswer?.Invoke(iq.IsError ? StanzaError.Of(iq) : null));

    /// <summary>Asks by an IQ and takes the whole answer.</summary>
    public void Ask(string type, Jid from, Jid to, Element payload, TimeSpan? timeout, Action<Iq> onAnswer) => _pending.Enqueue(ct =>
    {
        // Started in order, but not awaited: an unanswered request must not hold up the conference.
        _ = AwaitAnswerAsync(iqs.RequestAsync(type, from, to, payload, timeout, ct), onAnswer, Refusal(type, from, to, payload));
        return ValueTask.CompletedTask;
    });

    /// <summary>Does something later, unless the conference has ended by then.</summary>
    public void After(TimeSpan delay, Action work)
    {
        lock (_gate)
        {
            if (_isClosed) return;
            ITimer? timer = null;
            timer = clock.CreateTimer(_ => OnTime(timer!, work), null, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
            _timers.Add(timer);
            timer.Change(delay, Timeout.InfiniteTimeSpan);
        }
    }

    /// <summary>The conference has ended: nothing is done later any more.</summary>
    public void Close()
    {
        lock (_gate)
        {
            _isClosed = true;
            foreach (var timer in _timers) timer.Dispose();
            _timers.Clear();
        }
    }

    /// <summary>Sends what has gathered.</summary>
    public async ValueTask FlushAsync(CancellationToken ct)
    {
        while (_pending.TryDequeue(out var send))
        {
            try
            {
                await send(ct);
            }
            catch (Exception e) when (e is not OperationCanceledException)
            {
                // One stanza that the server could not route must not take the others with it.
                logger.LogError(e, "A stanza of a conference could not be sent.");
            }
        }
    }

    private void OnTime(ITimer timer, Action work)
    {
        lock (_gate)
        {
            if (!_timers.Remove(timer)) return;
            timer.Dispose();
        }

        _ = EnqueueAsync(work);
    }

    private async Task EnqueueAsync(Action work)
    {
        try
        {
            await enqueue(work);
        }
        catch (Exception e)
        {
            logger.LogError(e, "What was to be done later in a conference could not be.");
        }
    }

    private async Task AwaitAnswerAsync(Task<Iq> asked, Action<Iq> onAnswer, Iq refusal)
    {
        Iq answer;
        try
        {
            answer = await asked;
        }
        catch (OperationCanceledException)
        {
            return; // the server stops
        }
        catch (Exception e)
        {
            logger.LogError(e, "A request of a conference could not be sent.");
            answer = refusal;
        }

        await enqueue(() => onAnswer(answer));
    }

    private static Iq Refusal(string type, Jid from, Jid to, Element payload) =>
        (Iq)Iq.Request(type, "failed", from, to, payload).ErrorReply(new StanzaError(StanzaCondition.InternalServerError));
}
