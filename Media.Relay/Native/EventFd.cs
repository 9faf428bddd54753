using System.Runtime.InteropServices;

namespace Parley.Media.Relay.Native;

/// <summary>A descriptor that other threads make readable, to wake a thread that waits in <see cref="Epoll"/>.</summary>
public sealed unsafe class EventFd : IDisposable
{
    private readonly FileDescriptor _fd;

    /// <summary>Makes one.</summary>
    public EventFd()
    {
        if (!NativeLibraries.IsSupported(out var reason)) throw new PlatformNotSupportedException(reason);
        var fd = Libc.EventFd(0, Libc.CloseOnExec | Libc.NonBlocking);
        if (fd < 0) throw SystemCallException.Last("eventfd");
        _fd = new(fd);
    }

    /// <summary>The descriptor, to be watched.</summary>
    public int Fd => _fd.Number;

    /// <summary>Makes it readable. From any thread; after <see cref="Dispose"/> it does nothing, as nobody waits any more.</summary>
    public void Signal()
    {
        var held = false;
        try
        {
            // Holds the number, which otherwise might be closed and be another file's by now.
            _fd.DangerousAddRef(ref held);
            ulong one = 1;
            while (Libc.Write(_fd.Number, &one, sizeof(ulong)) < 0)
            {
                switch (Marshal.GetLastPInvokeError())
                {
                    case Libc.Interrupted:
                        continue;
                    case Libc.TryAgain:
                        return; // the counter is full, so it is readable
                    default:
                        throw SystemCallException.Last("write to eventfd");
                }
            }
        }
        catch (ObjectDisposedException) when (!held)
        {
            // The worker has ended.
        }
        finally
        {
            if (held) _fd.DangerousRelease();
        }
    }

    /// <summary>Makes it unreadable again. Before looking at what the signal was about, lest a signal be lost.</summary>
    public void Drain()
    {
        ulong count;
        while (Libc.Read(_fd.Number, &count, sizeof(ulong)) < 0)
        {
            switch (Marshal.GetLastPInvokeError())
            {
                case Libc.Interrupted:
                    continue;
                case Libc.TryAgain:
                    return;
                default:
                    throw SystemCallException.Last("read from eventfd");
            }
        }
    }

    /// <inheritdoc/>
    public void Dispose() => _fd.Dispose();
}
