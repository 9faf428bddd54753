using Parley.Media.Control;

namespace Parley.Media.Relay.Pictures;

/// <summary>Why a picture was lost on its way through the mixer.</summary>
internal enum PictureLoss
{
    /// <summary>It came while too much waited already.</summary>
    Behind,
    /// <summary>It could not be decoded.</summary>
    Undecoded,
    /// <summary>A moment of composing passed without one: the machine is too slow.</summary>
    Late,
    /// <summary>The encoder left it out, to keep the rate that its receivers take.</summary>
    Rate,
    /// <summary>It was made, and the worker took nothing for the moment.</summary>
    Undelivered,
}

/// <summary>What all threads that make pictures count. From any thread.</summary>
internal sealed class PictureCounters
{
    private const int Seconds = 10;

    private readonly Lock _gate = new();
    private readonly SortedDictionary<string, int> _composing = new(StringComparer.Ordinal), _transcoding = new(StringComparer.Ordinal);
    private readonly long[] _dropped = new long[Enum.GetValues<PictureLoss>().Length];
    private readonly (long Second, long Pictures, long Nanoseconds)[] _window = new (long, long, long)[Seconds + 1];
    private long _composed, _transcoded, _nanoseconds;

    /// <summary>An encoder is there, or no longer.</summary>
    public void CountEncoder(IPictureOutput output, int change)
    {
        lock (_gate)
        {
            var (encoders, name) = (output.IsComposed ? _composing : _transcoding, output.Format.ToString().ToUpperInvariant());
            var now = encoders.GetValueOrDefault(name) + change;
            if (now > 0) encoders[name] = now;
            else encoders.Remove(name);
        }
    }

    /// <summary>A picture was made.</summary>
    public void CountMade(bool isComposed, long nowMs)
    {
        lock (_gate)
        {
            if (isComposed) _composed++;
            else _transcoded++;
            At(nowMs).Pictures++;
        }
    }

    /// <summary>Pictures were lost.</summary>
    public void CountLost(PictureLoss why, long count = 1)
    {
        lock (_gate) _dropped[(int)why] += count;
    }

    /// <summary>A thread used this much of a processor.</summary>
    public void CountWork(long nanoseconds, long nowMs)
    {
        lock (_gate)
        {
            _nanoseconds += nanoseconds;
            At(nowMs).Nanoseconds += nanoseconds;
        }
    }

    /// <summary>The figures of this moment.</summary>
    public PictureLoad Read(int conferences, long nowMs)
    {
        lock (_gate)
        {
            // The second that runs is not over, and so not counted.
            var second = nowMs / 1000;
            var (pictures, nanoseconds) = (0L, 0L);
            foreach (var one in _window)
            {
                if (one.Second < second - Seconds || one.Second >= second) continue;
                (pictures, nanoseconds) = (pictures + one.Pictures, nanoseconds + one.Nanoseconds);
            }

            Dictionary<string, long> dropped = [];
            foreach (var why in Enum.GetValues<PictureLoss>())
            {
                if (_dropped[(int)why] > 0) dropped[why.ToString().ToLowerInvariant()] = _dropped[(int)why];
            }

            return new(conferences, new Dictionary<string, int>(_composing), new Dictionary<string, int>(_transcoding), _composed, _transcoded, dropped,
                _nanoseconds / 1e9, pictures / (double)Seconds, nanoseconds / 1e9 / Seconds);
        }
    }

    private ref (long Second, long Pictures, long Nanoseconds) At(long nowMs)
    {
        var second = nowMs / 1000;
        ref var one = ref _window[second % _window.Length];
        if (one.Second != second) one = (second, 0, 0);
        return ref one;
    }
}
