using System.Security.Cryptography;

namespace Parley.Doctor.Turn;

/// <summary>Sends data until it arrives at the other side.</summary>
internal static class Echo
{
    private const int Attempts = 5;
    private static readonly TimeSpan Wait = TimeSpan.FromMilliseconds(300);

    /// <summary>What is sent one way; nobody else can send it.</summary>
    public static byte[] Ping { get; } = RandomNumberGenerator.GetBytes(32);

    /// <summary>What is sent the other way.</summary>
    public static byte[] Pong { get; } = RandomNumberGenerator.GetBytes(32);

    /// <summary>Sends, some times since datagrams get lost, and says whether something of ours came to an allocation.</summary>
    public static async Task<bool> SendAsync(Func<CancellationToken, ValueTask> send, TurnClient to, CancellationToken ct)
    {
        for (var attempt = 0; attempt < Attempts; attempt++)
        {
            await send(ct);
            if (await HearAsync(to, ct)) return true;
        }

        return false;
    }

    private static async Task<bool> HearAsync(TurnClient client, CancellationToken ct)
    {
        using var over = CancellationTokenSource.CreateLinkedTokenSource(ct);
        over.CancelAfter(Wait);
        try
        {
            while (await client.Data.WaitToReadAsync(over.Token))
            {
                while (client.Data.TryRead(out var data))
                {
                    if (data.Bytes.AsSpan().SequenceEqual(Ping) || data.Bytes.AsSpan().SequenceEqual(Pong)) return true;
                }
            }
        }
        catch (OperationCanceledException) when (!ct.IsCancellationRequested)
        {
            // Not this time.
        }

        return false;
    }
}
