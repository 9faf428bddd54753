using System.Buffers.Binary;
using System.Text;

namespace Parley.Media.Core.Recording;

/// <summary>
/// Writes a WebM file (RFC 9559, in WebM's profile) so that it can be played at any moment, whole clusters at a time: its size is unknown until it is finished, and a file that was never
/// finished lacks only its index (<see cref="WebmRepair"/> adds it). Tracks may be added while it is written. One thread.
/// </summary>
public sealed class WebmWriter
{
    /// <summary>The longest frame taken, in bytes.</summary>
    public const int MaxFrame = 2 << 20;

    private const int MaxCluster = 4 << 20;
    private const long MaxSpanMs = 30_000; // a block's time is 16 bits, signed, from its cluster's

    private readonly IWebmFile _file;
    private readonly DateTimeOffset _epoch;
    private readonly string _title;
    private readonly List<RecordedTrack> _tracks = [];
    private readonly List<long> _lastMs = [];
    private readonly List<PictureTimes?> _pictureTimes = [];
    private readonly List<Block> _blocks = [];
    private readonly EbmlBuffer _frames = new(), _out = new();
    private readonly WebmCues _cues = new();
    private int _tracksOffset;
    private long _minMs, _maxMs, _endMs;
    private bool _isFinished;

    /// <summary>Makes a writer; the file begins with the first <see cref="Flush"/> that has a frame.</summary>
    /// <param name="file">Where it goes.</param>
    /// <param name="epoch">The wall clock at millisecond 0 of the caller's clock.</param>
    /// <param name="title">What it is called, at most 40 bytes; the rest is cut off.</param>
    public WebmWriter(IWebmFile file, DateTimeOffset epoch, string title)
    {
        (_file, _epoch) = (file, epoch);
        var bytes = Encoding.UTF8.GetBytes(title);
        var length = Math.Min(bytes.Length, WebmLayout.MaxTitle);
        while (length > 0 && length < bytes.Length && (bytes[length] & 0xC0) == 0x80) length--;
        _title = Encoding.UTF8.GetString(bytes, 0, length);
    }

    /// <summary>When the file begins, on the caller's clock; null before there is anything in it.</summary>
    public long? StartMs { get; private set; }

    /// <summary>The file's length so far; what is gathered for the next cluster is not in it.</summary>
    public long Length { get; private set; }

    /// <summary>How long the file plays so far, in milliseconds.</summary>
    public long DurationMs => StartMs is { } start ? Math.Max(0, _endMs - start) : 0;

    /// <summary>The tracks.</summary>
    public IReadOnlyList<RecordedTrack> Tracks => _tracks;

    /// <summary>Adds a track.</summary>
    /// <returns>Its number, from 1; 0 if the file has room for no more.</returns>
    public int AddTrack(RecordedTrack track)
    {
        _tracks.Add(track);
        _out.Clear();
        if (!WebmLayout.TryWriteTracks(_out, _tracks))
        {
            _tracks.RemoveAt(_tracks.Count - 1);
            return 0;
        }

        if (StartMs is not null) _file.Patch(_tracksOffset, _out.Written);
        _lastMs.Add(long.MinValue / 2);
        _pictureTimes.Add(track.IsVideo ? new() : null);
        return _tracks.Count;
    }

    /// <summary>Takes a frame. Frames of one track come in order; those of different tracks may be mixed up within what one cluster gathers.</summary>
    /// <param name="track">The track's number.</param>
    /// <param name="timeMs">When it is shown or heard, on the caller's clock; one that is not later than the track's one before counts as just after it; pictures are put on a grid of 5 ms (<see cref="PictureTimes"/>).</param>
    /// <param name="durationMs">How long, as far as is known.</param>
    /// <param name="isKey">Whether decoding can start with it.</param>
    /// <param name="frame">The frame.</param>
    /// <returns>False for one that is too long, or a second and more behind: it is left out.</returns>
    public bool Write(int track, long timeMs, long durationMs, bool isKey, ReadOnlySpan<byte> frame)
    {
        ref var last = ref System.Runtime.InteropServices.CollectionsMarshal.AsSpan(_lastMs)[track - 1];
        if (frame.Length > MaxFrame || timeMs <= last - 1_000) return false;
        var first = StartMs ?? long.MinValue / 2;
        last = timeMs = _pictureTimes[track - 1]?.Next(timeMs, first) ?? Math.Max(Math.Max(timeMs, last + 1), first);
        if (_blocks.Count > 0 && (Math.Max(_maxMs, timeMs) - Math.Min(_minMs, timeMs) > MaxSpanMs || _frames.Length + frame.Length > MaxCluster)) Flush();
        if (_blocks.Count == 0) (_minMs, _maxMs) = (timeMs, timeMs);
        (_minMs, _maxMs) = (Math.Min(_minMs, timeMs), Math.Max(_maxMs, timeMs));
        _endMs = _blocks.Count == 0 && StartMs is null ? timeMs + durationMs : Math.Max(_endMs, timeMs + durationMs);
        _blocks.Add(new(timeMs, _blocks.Count, track, isKey, _frames.Length, frame.Length));
        _frames.Raw(frame);
        return true;
    }

    /// <summary>Writes what has gathered as a cluster; to be called every second, since that is what a crash may cost.</summary>
    /// <param name="untilMs">What is shown or heard later stays for the next: of another track something may still come that belongs before it, and who jumps to a cluster is to find all of its time there.</param>
    public void Flush(long untilMs = long.MaxValue)
    {
        if (_blocks.Count == 0 || _minMs > untilMs) return;
        _blocks.Sort(static (a, b) => a.TimeMs != b.TimeMs ? a.TimeMs.CompareTo(b.TimeMs) : a.Order.CompareTo(b.Order));
        var later = _blocks.FindIndex(b => b.TimeMs > untilMs);
        List<Block> kept = later < 0 ? [] : _blocks[later..];
        if (later >= 0) _blocks.RemoveRange(later, _blocks.Count - later);
        WriteCluster(StartMs ?? Begin());
        Keep(kept);
    }

    // The frames that stay, at the head of the buffer.
    private void Keep(List<Block> kept)
    {
        _blocks.Clear();
        var bytes = kept.Count == 0 ? [] : _frames.Written.ToArray();
        _frames.Clear();
        if (kept.Count > 0) (_minMs, _maxMs) = (kept[0].TimeMs, kept[^1].TimeMs);
        foreach (var block in kept)
        {
            _blocks.Add(block with { Order = _blocks.Count, Offset = _frames.Length });
            _frames.Raw(bytes.AsSpan(block.Offset, block.Length));
        }
    }

    private void WriteCluster(long start)
    {
        var length = 2 + 8;
        foreach (var block in _blocks) length += 1 + 4 + 4 + block.Length;
        _out.Clear();
        _out.Id(MatroskaId.Cluster);
        _out.Size(length, 4);
        _out.Unsigned(MatroskaId.Timestamp, (ulong)(_minMs - start), 8);
        Span<byte> head = stackalloc byte[4];
        foreach (var block in _blocks)
        {
            _out.Id(MatroskaId.SimpleBlock);
            _out.Size(4 + block.Length, 4);
            head[0] = (byte)(0x80 | block.Track);
            BinaryPrimitives.WriteInt16BigEndian(head[1..], (short)(block.TimeMs - _minMs));
            head[3] = block.IsKey ? (byte)0x80 : (byte)0;
            _out.Raw(head);
            _out.Raw(_frames.Written.Slice(block.Offset, block.Length));
            if (block.IsKey && IsSeekable(block.Track)) _cues.Add(block.TimeMs - start, block.Track, Length);
        }

        Append();
    }

    /// <summary>Ends the file: writes what is left, the index, the duration and the size.</summary>
    public void Finish()
    {
        if (_isFinished) return;
        _isFinished = true;
        Flush();
        if (StartMs is not null) WebmLayout.Finish(_file, Length, _tracksOffset, _cues, DurationMs);
    }

    // A player jumps to a picture that stands for itself; to sound where there is no picture.
    private bool IsSeekable(int track) => _tracks[track - 1].IsVideo || !_tracks.Exists(t => t.IsVideo);

    private long Begin()
    {
        StartMs = _minMs;
        _out.Clear();
        _tracksOffset = WebmLayout.WriteHead(_out, _epoch.AddMilliseconds(_minMs), _title);
        WebmLayout.TryWriteTracks(_out, _tracks);
        Append();
        return _minMs;
    }

    private void Append()
    {
        _file.Append(_out.Written);
        Length += _out.Length;
    }

    private readonly record struct Block(long TimeMs, int Order, int Track, bool IsKey, int Offset, int Length);
}
