namespace Parley.Plugins.Upload;

/// <summary>How much room all files take: counted when the purge runs, and what is promised since on top.</summary>
internal sealed class UploadUse
{
    private long _files, _bytes, _received, _refused, _broken;

    /// <summary>Files and slots.</summary>
    public long Files => Interlocked.Read(ref _files);

    /// <summary>What they take.</summary>
    public long Bytes => Interlocked.Read(ref _bytes);

    /// <summary>Uploads that were completed since the start.</summary>
    public long Received => Interlocked.Read(ref _received);

    /// <summary>Slots that were refused since the start.</summary>
    public long Refused => Interlocked.Read(ref _refused);

    /// <summary>Uploads that broke off or were not what was announced, since the start.</summary>
    public long Broken => Interlocked.Read(ref _broken);

    /// <summary>All was counted.</summary>
    public void Counted(long files, long bytes)
    {
        Interlocked.Exchange(ref _files, files);
        Interlocked.Exchange(ref _bytes, bytes);
    }

    /// <summary>A slot was given.</summary>
    public void Promised(long bytes)
    {
        Interlocked.Increment(ref _files);
        Interlocked.Add(ref _bytes, bytes);
    }

    public void CountReceived() => Interlocked.Increment(ref _received);

    public void CountRefused() => Interlocked.Increment(ref _refused);

    public void CountBroken() => Interlocked.Increment(ref _broken);
}
