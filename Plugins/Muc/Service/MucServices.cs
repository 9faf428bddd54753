using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using Parley.Plugin.Abstractions;
using Parley.Plugins.Muc.Rooms;

namespace Parley.Plugins.Muc.Service;

/// <summary>What rooms need of the world.</summary>
internal sealed class MucServices(IStanzaRouter router, IContributions<IMessageArchive> archives, IContributions<IRoomStandIn> standIns, IContributions<IChatRoomObserver> observers, IOptionsMonitor<MucOptions> options,
    TimeProvider clock, ILogger<MucServices> log)
{
    private volatile Tuple<MucOptions, RoomRules>? _rules;

    /// <summary>Where stanzas go.</summary>
    public IStanzaRouter Router => router;

    /// <summary>The archive; null while there is none.</summary>
    public IMessageArchive? Archive => archives.Items is [var archive, ..] ? archive : null;

    /// <summary>Who may stand in for occupants, at this moment.</summary>
    public IReadOnlyList<IRoomStandIn> StandIns => standIns.Items;

    /// <summary>The options of this moment.</summary>
    public MucOptions Options => options.CurrentValue;

    /// <summary>What follows from them for each room.</summary>
    public RoomRules Rules
    {
        get
        {
            var now = Options;
            if (_rules is { } known && ReferenceEquals(known.Item1, now)) return known.Item2;
            var rules = now.ToRules();
            _rules = Tuple.Create(now, rules);
            return rules;
        }
    }

    /// <summary>Who hears what happens to people.</summary>
    public RoomObservers Observers { get; } = new(observers, log);

    /// <summary>The time.</summary>
    public TimeProvider Clock => clock;

    /// <summary>Where failures are told.</summary>
    public ILogger Logger => log;

    /// <summary>How often accounts enter.</summary>
    public AccountPaces Joins { get; } = new(clock);

    /// <summary>How often accounts say or show something to everybody in a room.</summary>
    public AccountPaces Sayings { get; } = new(clock);

    /// <summary>Where it is told who does too much.</summary>
    public FloodLog Floods { get; } = new(log, clock);

    /// <summary>How many archive queries of rooms run at once.</summary>
    public SemaphoreSlim ArchiveReads { get; } = new(8);
}
