using Microsoft.Extensions.Logging;
using Parley.Media.Control;
using Parley.Media.Relay.Workers;

namespace Parley.Media.Relay.Pictures;

/// <summary>The threads on which conferences' pictures are made, one each, while anybody asks for such pictures.</summary>
/// <param name="names">Writes names; null where that is off.</param>
/// <param name="log">Where faults go.</param>
/// <param name="most">How many conferences at once.</param>
internal sealed class PictureMixer(INamePainter? names, ILogger log, int most) : IDisposable
{
    private readonly Lock _gate = new();
    private readonly List<PictureThread> _threads = [];
    private readonly PictureCounters _counters = new();
    private bool _isStopping;

    /// <summary>How many conferences have pictures made.</summary>
    public int Count
    {
        get
        {
            lock (_gate) return _threads.Count;
        }
    }

    /// <summary>The figures of this moment. From any thread.</summary>
    public PictureLoad ReadLoad() => _counters.Read(Count, WorkerClock.NowMs);

    /// <summary>Begins a conference's pictures. From any thread.</summary>
    /// <param name="deliver">Takes what is made.</param>
    /// <param name="post">Runs work where that is taken.</param>
    /// <param name="delayMs">How long after a moment the picture of it is made; 0 for at once.</param>
    /// <returns>Null where there are as many as may be.</returns>
    public ConferencePictures? Open(PictureDelivery deliver, Func<Action, bool> post, long delayMs = 0)
    {
        lock (_gate)
        {
            if (_isStopping || _threads.Count >= most) return null;
            var thread = new PictureThread(deliver, names, post, delayMs, _counters, log, Forget);
            _threads.Add(thread);
            thread.Start();
            return thread.Pictures;
        }
    }

    /// <summary>Ends every thread.</summary>
    public void Dispose()
    {
        PictureThread[] threads;
        lock (_gate)
        {
            _isStopping = true;
            threads = [.. _threads];
        }

        foreach (var thread in threads) thread.Dispose();
    }

    private void Forget(PictureThread thread)
    {
        lock (_gate) _threads.Remove(thread);
    }
}

/// <summary>What a worker's conferences see of the mixer: what is made comes back to the worker's thread.</summary>
/// <param name="mixer">The mixer.</param>
/// <param name="post">Runs work on the worker.</param>
internal sealed class WorkerPictures(PictureMixer mixer, Func<Action, bool> post) : IPictureMixer
{
    /// <inheritdoc/>
    public ConferencePictures? Open(PictureDelivery deliver, long delayMs) => mixer.Open(deliver, post, delayMs);
}
