using System.Net;

namespace Parley.Xmpp.Server.Protection;

/// <summary>How far a connection has come: the further, the longer it stays where there are too many.</summary>
internal enum PlaceStage
{
    /// <summary>It has said nothing yet, or not enough.</summary>
    Connected,
    /// <summary>It has opened a stream, or asked for something.</summary>
    Opened,
    /// <summary>It authenticates.</summary>
    Authenticating,
}

/// <summary>A connection's place among those of its address.</summary>
internal sealed class ConnectionPlace
{
    private readonly ConnectionGate _gate;
    private Action _cut;
    private int _requests;

    /// <summary>Made by <see cref="ConnectionGate.TryEnter"/>.</summary>
    internal ConnectionPlace(ConnectionGate gate, IPAddress? key, bool isShared, Action cut, long since) => (_gate, Key, IsShared, _cut, Since) = (gate, key, isShared, cut, since);

    /// <summary>What its address counts as; null: as nothing.</summary>
    internal IPAddress? Key { get; }

    /// <summary>Whether everybody may be behind its address.</summary>
    internal bool IsShared { get; }

    /// <summary>Where it stands in the list of its stage while it is half-open; the gate's.</summary>
    internal LinkedListNode<ConnectionPlace>? Node { get; set; }

    /// <summary>How far it has come.</summary>
    public PlaceStage Stage { get; internal set; }

    /// <summary>Whether it counts as established; the gate's.</summary>
    internal bool IsEstablished { get; set; }

    /// <summary>When it came.</summary>
    public long Since { get; }

    /// <summary>Names another way to end it: a stream has last words.</summary>
    public void CutBy(Action cut) => Volatile.Write(ref _cut, cut);

    /// <summary>It has come further.</summary>
    public void Advance(PlaceStage to) => _gate.Advance(this, to);

    /// <summary>It has logged in, or is being served; false if its address has too many such.</summary>
    public bool TryEstablish() => _gate.TryEstablish(this);

    /// <summary>It is half-open again.</summary>
    public void Recede() => _gate.Recede(this);

    /// <summary>A request is served on it, beside others perhaps; false if its address has too many such connections.</summary>
    public bool BeginRequest()
    {
        if (Interlocked.Increment(ref _requests) > 1 || TryEstablish()) return true;
        Interlocked.Decrement(ref _requests);
        return false;
    }

    /// <summary>A request has been served.</summary>
    public void EndRequest()
    {
        if (Interlocked.Decrement(ref _requests) > 0) return;
        Recede();
        // One that began meanwhile took it for established.
        if (Volatile.Read(ref _requests) > 0) TryEstablish();
    }

    /// <summary>It is gone.</summary>
    public void Leave() => _gate.Leave(this);

    /// <summary>Ends it.</summary>
    internal void Cut() => Volatile.Read(ref _cut)();
}
