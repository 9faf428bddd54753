namespace Parley.Media.Core.Video.H264;

/// <summary>Goes through the NAL units of a byte stream (ITU-T H.264 annex B), as encoders write and decoders take it.</summary>
public ref struct AnnexB(ReadOnlySpan<byte> stream)
{
    private static ReadOnlySpan<byte> Start => [0, 0, 1];

    private readonly ReadOnlySpan<byte> _stream = stream;
    private int _next = FirstUnit(stream);

    /// <summary>Where the unit begins, behind its start code.</summary>
    public int From { get; private set; }

    /// <summary>Where it ends.</summary>
    public int End { get; private set; }

    /// <summary>The unit; not empty.</summary>
    public readonly ReadOnlySpan<byte> Unit => _stream[From..End];

    /// <summary>Goes to the next unit; false if there is none.</summary>
    public bool MoveNext()
    {
        while (_next <= _stream.Length)
        {
            From = _next;
            var next = _stream[From..].IndexOf(Start);
            (End, _next) = next < 0 ? (_stream.Length, _stream.Length + 1) : (From + next, From + next + Start.Length);
            // A unit does not end with a zero (section 7.4.1): those are the next start code's, or stuffing.
            while (End > From && _stream[End - 1] == 0) End--;
            if (End > From) return true;
        }

        return false;
    }

    private static int FirstUnit(ReadOnlySpan<byte> stream) => stream.IndexOf(Start) is var at and >= 0 ? at + Start.Length : stream.Length + 1;
}
