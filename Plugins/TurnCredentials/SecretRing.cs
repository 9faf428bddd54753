using Microsoft.Extensions.Options;
using Parley.Plugin.Abstractions;

namespace Parley.Plugins.TurnCredentials;

/// <summary>A secret with the cipher that follows from it.</summary>
/// <param name="Secret">The secret.</param>
/// <param name="Until">When it ends, in Unix seconds; the present one never does.</param>
public sealed record RingSecret(TurnSecret Secret, long Until = long.MaxValue)
{
    /// <summary>Seals and opens usernames.</summary>
    public UsernameCipher Cipher { get; } = new(Secret);
}

/// <summary>
/// The present secret, and former ones for as long as credentials issued with them last. However a secret comes to be another one (rotated, changed in the configuration, the
/// file replaced or removed), nobody who holds credentials notices. Read on the TURN server's threads: what is read is replaced whole.
/// </summary>
public sealed class SecretRing : ITurnSecrets
{
    /// <summary>The most former secrets kept; one more drops the one that ends first.</summary>
    public const int MaxFormer = 8;

    private readonly Lock _gate = new();
    private readonly bool _isConfigured;
    private readonly long _lifetime;
    private readonly TimeProvider _time;
    private readonly string _directory;
    private volatile RingSecret[] _secrets;
    private long _longestLifetime;
    private long _generation;

    /// <summary>Reads what is kept.</summary>
    /// <exception cref="IOException">It cannot be read, made or is damaged; the message says what to do.</exception>
    public SecretRing(IServerInfo server, IOptions<TurnCredentialsOptions> options, TimeProvider time)
    {
        (_time, _directory, _isConfigured, _lifetime) = (time, server.DataDirectory, options.Value.Secret is not null, (long)Math.Ceiling(options.Value.Lifetime.TotalSeconds));
        var current = options.Value.Secret is { } configured ? new TurnSecret(configured) : TurnSecret.ReadOrMake(_directory);
        var history = SecretHistory.Read(_directory);
        _longestLifetime = history?.LongestLifetime ?? 0;
        var former = history?.Former.Select(f => new RingSecret(new TurnSecret(f.Text), f.Until)) ?? [];
        _secrets = [new RingSecret(current), .. former.Where(f => f.Until > Now && f.Secret.Text != current.Text)];
        if (history is null || history.Current == current.Text) return;
        // Changed while this did not run, by hand or by the configuration.
        _secrets = [_secrets[0], .. Kept([new RingSecret(new TurnSecret(history.Current), Now + Overlap), .. _secrets[1..]])]; // a secret that is back is not its own former one
        _longestLifetime = 0;
        Write();
    }

    /// <summary>The secret to issue with.</summary>
    public RingSecret Current => _secrets[0];

    /// <summary>The secrets that count at this moment, the present one first.</summary>
    public IEnumerable<RingSecret> At(DateTimeOffset now) => _secrets.Where(s => s.Until > now.ToUnixTimeSeconds());

    /// <summary>Rises when former credentials were revoked.</summary>
    public long Generation => Interlocked.Read(ref _generation);

    /// <summary>Notes for how long credentials are issued, before they are.</summary>
    /// <exception cref="IOException">It cannot be kept.</exception>
    public void NoteLifetime(TimeSpan lifetime)
    {
        var seconds = (long)Math.Ceiling(lifetime.TotalSeconds);
        if (seconds <= Interlocked.Read(ref _longestLifetime)) return;
        lock (_gate)
        {
            if (seconds <= _longestLifetime) return;
            Interlocked.Exchange(ref _longestLifetime, seconds);
            Write();
        }
    }

    /// <inheritdoc/>
    public ValueTask<DateTimeOffset?> RotateAsync(bool isRevoking, CancellationToken ct = default)
    {
        lock (_gate)
        {
            if (_isConfigured) return new((DateTimeOffset?)null);
            var next = new RingSecret(TurnSecret.New());
            var before = _secrets;
            _secrets = [next, .. isRevoking ? [] : Kept([before[0] with { Until = Now + Overlap }, .. before[1..]])];
            var lifetime = _longestLifetime;
            _longestLifetime = 0;
            try
            {
                // The former ones first: a crash between leaves a secret that is remembered twice, and never one that is forgotten.
                Write();
                TurnSecret.Replace(_directory, next.Secret);
            }
            catch
            {
                (_secrets, _longestLifetime) = (before, lifetime);
                throw;
            }

            if (isRevoking) Interlocked.Increment(ref _generation);
            return new(DateTimeOffset.FromUnixTimeSeconds(_secrets.Length > 1 ? _secrets[1..].Max(s => s.Until) : Now));
        }
    }

    // Others who hold the secret issue too, presumably for no longer than this server does.
    private long Overlap => Math.Max(_longestLifetime, _lifetime);

    private long Now => _time.GetUtcNow().ToUnixTimeSeconds();

    private RingSecret[] Kept(RingSecret[] former) => [.. former.Where(f => f.Until > Now).OrderByDescending(f => f.Until).Take(MaxFormer)];

    private void Write() => new SecretHistory(_secrets[0].Secret.Text, _longestLifetime, [.. _secrets[1..].Select(s => new FormerSecret(s.Secret.Text, s.Until))]).Write(_directory);
}
