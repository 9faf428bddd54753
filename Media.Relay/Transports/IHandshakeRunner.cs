using Parley.Media.Core.Dtls;

namespace Parley.Media.Relay.Transports;

/// <summary>Runs the costly part of handshakes elsewhere, and gives the engine back on the worker's thread by <see cref="DtlsJob.Return"/>.</summary>
internal interface IHandshakeRunner
{
    /// <summary>Takes a job; false if there are too many already: then the engine stays where it is, and DTLS's own resends bring it up again.</summary>
    bool TryRun(DtlsJob job);
}

/// <summary>One turn of a handshake: the engine belongs to whoever runs the job until it is returned.</summary>
/// <param name="association">Whose it is.</param>
/// <param name="engine">The engine.</param>
/// <param name="start">Settle the role first: true for server, false for client, null for neither.</param>
/// <param name="inputs">Datagrams that came.</param>
/// <param name="nowMs">The time, for the engine's timer.</param>
internal sealed class DtlsJob(DtlsAssociation association, IDtlsEngine engine, bool? start, IReadOnlyList<byte[]> inputs, long nowMs)
{
    private const int MaxDatagram = 1200;

    private readonly List<byte[]> _outputs = [];

    /// <summary>Datagrams to send.</summary>
    public IReadOnlyList<byte[]> Outputs => _outputs;

    /// <summary>When the engine's timer is due.</summary>
    public long NextTickMs { get; private set; } = long.MaxValue;

    /// <summary>What went wrong in the engine itself; null normally.</summary>
    public Exception? Fault { get; private set; }

    /// <summary>Does the work, on any one thread.</summary>
    public void Execute()
    {
        try
        {
            if (start is { } isServer) engine.Start(isServer);
            foreach (var input in inputs) engine.Receive(input);
            NextTickMs = engine.Tick(nowMs);
            Span<byte> datagram = stackalloc byte[MaxDatagram];
            for (int length; (length = engine.WriteNext(datagram)) > 0;) _outputs.Add(datagram[..length].ToArray());
        }
#pragma warning disable CA1031 // Whatever it is, it ends this one association, which reports it.
        catch (Exception e)
        {
            Fault = e;
        }
#pragma warning restore CA1031
    }

    /// <summary>Gives the engine back, on the worker's thread.</summary>
    public void Return(long nowMs) => association.OnReturned(this, nowMs);
}
