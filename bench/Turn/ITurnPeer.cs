using System.Net;

namespace Parley.bench.Turn;

/// <summary>A TURN server that is measured. Its users have the REST form by the secret <see cref="Secret"/>.</summary>
internal interface ITurnPeer : IDisposable
{
    const string Secret = "bench", Realm = "bench";

    /// <summary>Where clients come to.</summary>
    IPEndPoint EndPoint { get; }

    /// <summary>The CPU time that its threads have used, in nanoseconds.</summary>
    long CpuNanoseconds { get; }
}
