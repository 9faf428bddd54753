using System.Net;
using Parley.Media.Relay.Conferences;
using Parley.Media.Relay.Workers;

namespace Parley.Media.Relay;

/// <summary>What a relay is started with.</summary>
public sealed record MediaRelaySettings
{
    /// <summary>Workers, a thread and a UDP port each; 0 for one per core, at most 8.</summary>
    public int Workers { get; init; }

    /// <summary>The first worker's UDP port, the others' follow; 0 lets the kernel choose each.</summary>
    public int FirstPort { get; init; } = 10_000;

    /// <summary>Where sockets bind; any address for all.</summary>
    public required IPAddress BindAddress { get; init; }

    /// <summary>The address that others reach this machine at.</summary>
    public required IPAddress AdvertisedAddress { get; init; }

    /// <summary>Whether only this machine is served: the sockets listen on all of its addresses and hear none but them (design section 5).</summary>
    public required bool IsLoopbackOnly { get; init; }

    /// <summary>The ports for transports without ICE, the first of which is even; null for none.</summary>
    public (int First, int Last)? RawPorts { get; init; }

    /// <summary>How much is taken on.</summary>
    public RelayLimits Limits { get; init; } = new();

    /// <summary>What whoever hears the mix is told when the call is recorded, at 48 kHz; null for the words that are built in.</summary>
    public float[]? RecordedWords { get; init; }

    /// <summary>Makes what else lives on a worker, such as its TURN server; called at the start, before the worker runs.</summary>
    public Func<WorkerContext, IEnumerable<IWorkerPart>> Parts { get; init; } = _ => [];
}

/// <summary>What a worker's other parts may know of it.</summary>
/// <param name="Index">The worker's number, from 0.</param>
/// <param name="Media">Where the media sockets of all workers are reached at this moment.</param>
public sealed record WorkerContext(int Index, Func<IReadOnlyList<IPEndPoint>> Media);
