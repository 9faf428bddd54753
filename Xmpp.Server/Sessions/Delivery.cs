using Parley.Xmpp.Core.Stanzas;

namespace Parley.Xmpp.Server.Sessions;

/// <summary>Hears what becomes of a stanza that a session's stream has taken: one of the two, once.</summary>
public abstract class Delivery
{
    /// <summary>The client has it: acknowledged where the stream is managed (XEP-0198 section 4), else written.</summary>
    public abstract void Arrived();

    /// <summary>The stream ended without.</summary>
    /// <returns>What has to go elsewhere now: <paramref name="stanza"/>, another that it stood for, or null where nothing must.</returns>
    public abstract Stanza? Lost(Stanza stanza);
}

/// <summary>A stanza that its session's stream took and its client never had.</summary>
/// <param name="Stanza">The stanza.</param>
/// <param name="Since">When the stream took it.</param>
/// <param name="Delivery">Who hears of it; null: nobody, so that it goes elsewhere.</param>
public readonly record struct Undelivered(Stanza Stanza, DateTimeOffset Since, Delivery? Delivery);

/// <summary>Somebody waits to hear; what is lost is theirs to send again.</summary>
internal sealed class AwaitedDelivery : Delivery
{
    private readonly TaskCompletionSource<bool> _outcome = new(TaskCreationOptions.RunContinuationsAsynchronously);

    /// <summary>Whether it arrived.</summary>
    public Task<bool> Outcome => _outcome.Task;

    public override void Arrived() => _outcome.TrySetResult(true);

    public override Stanza? Lost(Stanza stanza)
    {
        _outcome.TrySetResult(false);
        return null;
    }
}

/// <summary>
/// One message for several clients of an account, itself or as a copy: it goes elsewhere only once none of them has it, and none can get it any more. Who takes part joins first.
/// </summary>
internal class SharedDelivery(Stanza original) : Delivery
{
    private readonly Lock _gate = new();
    private int _open;
    private bool _isSettled;
    private SharedDelivery? _heir;

    /// <summary>One client more is to have it.</summary>
    public void Join()
    {
        lock (_gate)
        {
            if (_heir is null) _open++;
            else _heir.Join();
        }
    }

    /// <summary>Whoever joined could not be given it after all, which the caller knows.</summary>
    public void Abandon()
    {
        lock (_gate)
        {
            if (_heir is null) _open--;
            else _heir.Abandon();
        }
    }

    /// <summary>What its clients say, they say to another from here on, which shares the same message. Once; more than that changes nothing.</summary>
    public void PassTo(SharedDelivery heir)
    {
        lock (_gate)
        {
            if (_heir is not null) return;
            _heir = heir;
            for (var i = 0; i < _open; i++) heir.Join();
            if (!_isSettled) return;
        }

        heir.Arrived();
    }

    /// <summary>It is no longer this one's business whether it arrives.</summary>
    public override void Arrived()
    {
        SharedDelivery? heir;
        lock (_gate)
        {
            heir = _heir;
            if (heir is null && _isSettled) return;
            _isSettled = true;
        }

        if (heir is null) OnArrived();
        else heir.Arrived();
    }

    public override Stanza? Lost(Stanza stanza)
    {
        SharedDelivery? heir;
        lock (_gate)
        {
            heir = _heir;
            if (heir is null)
            {
                if (--_open > 0 || _isSettled) return null;
                _isSettled = true;
            }
        }

        if (heir is not null) return heir.Lost(stanza);
        OnLost();
        return original;
    }

    /// <summary>One client has it.</summary>
    protected virtual void OnArrived()
    {
        // Nobody else needs to know.
    }

    /// <summary>No client can have it any more.</summary>
    protected virtual void OnLost()
    {
        // What is returned goes elsewhere.
    }
}

/// <summary>A message that a clients' queue on the disk holds until one client has it.</summary>
internal sealed class KeptDelivery : SharedDelivery
{
    private readonly Message _message;

    public KeptDelivery(KeptMessage kept, Message message) : base(message)
    {
        (Kept, _message) = (kept, message);
        kept.Hold();
    }

    /// <summary>Its place in that queue.</summary>
    public KeptMessage Kept { get; }

    protected override void OnArrived() => Kept.Arrived();

    // Held on, by whoever takes it elsewhere.
    protected override void OnLost() => Kept.GoesOnAs(_message);
}
