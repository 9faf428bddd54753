using Parley.Xmpp.Server.Configuration;

namespace Parley.Xmpp.Server.Protection;

/// <summary>What keeps those who do too much from others' notice. One gate for each kind of connection, so that filling one leaves the others alone.</summary>
internal sealed class StreamGuards(XmppServerSettings settings, LimitLog log, TimeProvider time)
{
    /// <summary>What is told to the operator.</summary>
    public LimitLog Log { get; } = log;

    /// <summary>Clients' streams, on whatever carrier.</summary>
    public ConnectionGate Clients { get; } = new(settings.Limits, log, time);

    /// <summary>Connections of HTTP, each half-open while it is served nothing.</summary>
    public ConnectionGate Http { get; } = new(settings.Limits, log, time, settings.IsShared);

    /// <summary>Streams that other servers and components began.</summary>
    public ConnectionGate Peers { get; } = new(settings.Limits, log, time);

    /// <summary>Guesses at passwords.</summary>
    public LogInGuard LogIns { get; } = new(settings.Limits, log, time);

    /// <summary>How much each account sends.</summary>
    public SendingPaces Paces { get; } = new(settings.Limits, time);

    /// <summary>Passwords that are checked at once: each costs a core milliseconds, and the others' messages must find one that is free.</summary>
    public SemaphoreSlim PasswordChecks { get; } = new(Math.Max(1, Environment.ProcessorCount / 2));

    /// <summary>What is due. Once a second or so.</summary>
    public void LookAt(long now)
    {
        Log.LookAt(now);
        Paces.LookAt();
    }
}
