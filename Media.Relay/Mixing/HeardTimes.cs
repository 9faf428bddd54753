using Parley.Media.Core.Audio;

namespace Parley.Media.Relay.Mixing;

/// <summary>
/// When what is heard of a voice in each frame of a mix was said, for some seconds back: as the network and the jitter buffer have it, the mix is behind its voices by more or less. With it recordings put what
/// is made here where it belongs beside what came. One thread notes, any thread looks.
/// </summary>
internal sealed class HeardTimes
{
    /// <summary>How long after it was said a voice usually is in the mix, in milliseconds: the network, the reserve of the jitter buffer and the mixer's own 20 ms. The recorded mix is put earlier by it.</summary>
    public const long UsualAgeMs = 80;

    // Five seconds; who looks is a second behind, and so never where it is written.
    private const int Frames = 256;

    private const double LeastAgeMs = -Conferences.RelayTrack.MostAheadMs, MostAgeMs = 3_000;

    private const long Nothing = -AudioFormat.FrameMs;

    private readonly long[] _due = new long[Frames];
    private readonly double[] _said = new double[Frames];

    /// <summary>A frame of the mix has something of the voice.</summary>
    /// <param name="dueMs">When the frame is due.</param>
    /// <param name="saidMs">When that was said, by its sender's reports.</param>
    public void Note(long dueMs, double saidMs)
    {
        if (dueMs - saidMs is not (>= LeastAgeMs and <= MostAgeMs)) return;
        var at = IndexOf(dueMs);
        Volatile.Write(ref _due[at], Nothing);
        Volatile.Write(ref _said[at], saidMs);
        Volatile.Write(ref _due[at], dueMs);
    }

    /// <summary>
    /// When that was said which is in the mix at a moment. Where nothing is, between what is before and after it: whoever is silent goes on evenly, and where what was said came late and was waited for, so is what was
    /// seen. Where nothing came after it, as far behind as before; the usual where nothing was.
    /// </summary>
    /// <param name="momentMs">The moment.</param>
    public double SaidAt(long momentMs)
    {
        if (!TryFind(momentMs, -1, out var before)) return momentMs - UsualAgeMs;
        if (momentMs - before.DueMs < AudioFormat.FrameMs || !TryFind(momentMs + AudioFormat.FrameMs, 1, out var after)) return momentMs - (before.DueMs - before.SaidMs);
        var part = (double)(momentMs - before.DueMs) / (after.DueMs - before.DueMs);
        return before.SaidMs + (part * (after.SaidMs - before.SaidMs));
    }

    private static int IndexOf(long dueMs) => (int)(dueMs / AudioFormat.FrameMs % Frames);

    // The nearest that is not later than a moment, or not sooner than the frame before it.
    private bool TryFind(long momentMs, int direction, out (long DueMs, double SaidMs) found)
    {
        for (var step = 0; step < Frames / 2; step++)
        {
            var slotMs = momentMs + (direction * step * AudioFormat.FrameMs);
            if (slotMs < 0) break;
            var at = IndexOf(slotMs);
            found = (Volatile.Read(ref _due[at]), Volatile.Read(ref _said[at]));
            // A slot that holds another round's, or is being written, has nothing.
            if (found.DueMs / AudioFormat.FrameMs != slotMs / AudioFormat.FrameMs || Volatile.Read(ref _due[at]) != found.DueMs) continue;
            if (direction > 0 || found.DueMs <= momentMs) return true;
        }

        found = default;
        return false;
    }
}
