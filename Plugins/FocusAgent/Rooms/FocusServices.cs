using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using Parley.Media.Control;
using Parley.Plugin.Abstractions;
using Parley.Plugins.FocusAgent.Muji;

namespace Parley.Plugins.FocusAgent.Rooms;

/// <summary>What every call room works with.</summary>
public sealed class FocusServices(IStanzaRouter router, IIqClient iqs, IContributions<IMediaRelay> relays, IServerInfo server, ISessionDirectory sessions,
    IOptionsMonitor<FocusAgentOptions> options, TimeProvider clock, GuestRooms guests, MujiCallers muji, ILogger<FocusServices> logger)
{
    /// <summary>Sends stanzas.</summary>
    public IStanzaRouter Router { get; } = router;

    /// <summary>Asks clients.</summary>
    public IIqClient Iqs { get; } = iqs;

    /// <summary>Facts about the server.</summary>
    public IServerInfo Server { get; } = server;

    /// <summary>The clients of accounts here.</summary>
    public ISessionDirectory Sessions { get; } = sessions;

    /// <summary>Where guests are.</summary>
    public GuestRooms Guests { get; } = guests;

    /// <summary>Who calls by XEP-0272.</summary>
    public MujiCallers Muji { get; } = muji;

    /// <summary>What came of calls.</summary>
    public CallFigures Figures { get; } = new();

    /// <summary>The time.</summary>
    public TimeProvider Clock { get; } = clock;

    /// <summary>The log.</summary>
    public ILogger Logger { get; } = logger;

    /// <summary>The settings of this moment.</summary>
    public FocusAgentOptions Options => options.CurrentValue;

    /// <summary>The relay; null while there is none. Asked each time, since plugins come and go.</summary>
    public IMediaRelay? Relay => relays.Items.Count > 0 ? relays.Items[0] : null;
}
