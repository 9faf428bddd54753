using System.IO.Pipelines;
using System.Net.Sockets;
using Parley.Media.Core.Turn;
using Parley.Media.Relay.Workers;

namespace Parley.Media.Relay.Turn;

/// <summary>
/// A peer's connection. Until a client takes it nobody reads it, and what the peer sends waits in the kernel (RFC 6062 section 5.2). Then bytes go both ways as fast as the
/// slower side takes them: neither direction keeps more than a block.
/// </summary>
internal sealed class TcpPeer(TcpRelaying home, Socket socket) : PeerConnection
{
    private const int BlockBytes = 16 * 1024;

    // For what is still on its way when one side has ended.
    private static readonly TimeSpan LastWords = TimeSpan.FromSeconds(2);

    public Socket Socket => socket;

    /// <inheritdoc/>
    public override void Close()
    {
        try
        {
            // In order: disposing it while it is being read resets it.
            socket.Shutdown(SocketShutdown.Both);
        }
        catch (Exception e) when (e is SocketException or ObjectDisposedException)
        {
            // Not connected, or no more.
        }

        socket.Dispose();
    }

    /// <summary>Carries bytes until either side is done (section 5.5).</summary>
    /// <param name="client">The client's connection.</param>
    /// <param name="abort">Cuts it.</param>
    public async Task CarryAsync(IDuplexPipe client, Action abort)
    {
        var up = UpAsync(client.Input);
        var down = DownAsync(client.Output);
        try
        {
            // The client's end is passed on, and the peer may finish; the peer's end is the client's, whose connection has no half.
            if (await Task.WhenAny(up, down) == up) await Task.WhenAny(down, Task.Delay(LastWords));
        }
        finally
        {
            Close();
            client.Input.CancelPendingRead();
            if (await Task.WhenAny(down, Task.Delay(LastWords)) != down) abort(); // a client that does not read
            await Task.WhenAll(up, down);
            home.Forget(this);
        }
    }

    // Over its account's bytes a second a stream is slowed, where datagrams are dropped.
    private Task PauseAsync(long bytes, bool isToPeer) => Meter?.Owe(bytes, isToPeer, WorkerClock.NowMs) is > 0 and var pause ? Task.Delay(pause) : Task.CompletedTask;

    private async Task UpAsync(PipeReader input)
    {
        try
        {
            while (true)
            {
                var read = await input.ReadAsync();
                foreach (var segment in read.Buffer)
                {
                    for (var rest = segment; !rest.IsEmpty;) rest = rest[await socket.SendAsync(rest)..];
                }

                var sent = read.Buffer.Length;
                home.Count(sent);
                input.AdvanceTo(read.Buffer.End);
                await PauseAsync(sent, isToPeer: true);
                if (read.IsCompleted) break;
                if (read.IsCanceled && !socket.Connected) return; // else of the time before it was joined
            }

            socket.Shutdown(SocketShutdown.Send);
        }
        catch (Exception e) when (e is IOException or SocketException or ObjectDisposedException or OperationCanceledException)
        {
            Close(); // one of them is cut, so the other is
        }
    }

    private async Task DownAsync(PipeWriter output)
    {
        try
        {
            while (true)
            {
                await socket.ReceiveAsync(Memory<byte>.Empty); // so that who waits holds no block
                var count = await socket.ReceiveAsync(output.GetMemory(BlockBytes)[..BlockBytes]);
                if (count == 0) return;
                output.Advance(count);
                home.Count(count);
                await PauseAsync(count, isToPeer: false);
                if ((await output.FlushAsync()).IsCompleted) return;
            }
        }
        catch (Exception e) when (e is IOException or SocketException or ObjectDisposedException or OperationCanceledException)
        {
            Close(); // as above
        }
    }
}
