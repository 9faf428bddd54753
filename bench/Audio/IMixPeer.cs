namespace Parley.bench.Audio;

/// <summary>A mixer that is measured, with its participants.</summary>
internal interface IMixPeer : IDisposable
{
    /// <summary>The CPU time that it has used, in nanoseconds.</summary>
    long CpuNanoseconds { get; }

    /// <summary>Sends a participant's next packet of Opus: 20 ms.</summary>
    void Send(int participant, ReadOnlySpan<byte> payload);

    /// <summary>Takes what has come back, and does what else is due.</summary>
    void Receive();

    /// <summary>Packets that all participants together got.</summary>
    long Received { get; }

    /// <summary>The loudest sample that the last participant, who says nothing, has heard since the last time.</summary>
    float TakeLoudest();
}
