using System.Globalization;
using System.Net;
using System.Threading.RateLimiting;
using Microsoft.AspNetCore.Http;
using Parley.Xmpp.Server.Configuration;
using Parley.Xmpp.Server.Protection;
using Parley.Xmpp.Server.Streams.Negotiation;

namespace Parley.Xmpp.Server.Hosting;

/// <summary>Bounds how often one network address asks by HTTP (<c>Limits:RequestsPerSecondPerAddress</c>). What is cheap, and what many people ask at once, is not asked here.</summary>
public sealed class RequestRate : IDisposable
{
    // What may come at once: a house full of people whose provider was away for a while.
    private const int BurstSeconds = 60;

    private readonly XmppServerSettings _settings;
    private readonly LimitLog _log;
    private readonly PartitionedRateLimiter<IPAddress>? _limiter;

    internal RequestRate(XmppServerSettings settings, LimitLog log)
    {
        (_settings, _log) = (settings, log);
        if (settings.Limits.RequestsPerSecondPerAddress is not (> 0 and var rate)) return;
        var options = new TokenBucketRateLimiterOptions { TokenLimit = rate * BurstSeconds, TokensPerPeriod = rate, ReplenishmentPeriod = TimeSpan.FromSeconds(1), QueueLimit = 0 };
        _limiter = PartitionedRateLimiter.Create<IPAddress, IPAddress>(address => RateLimitPartition.GetTokenBucketLimiter(ConnectionGate.KeyOf(address), _ => options));
    }

    /// <summary>Counts a request; false, with its answer made (429, RFC 6585 section 4), if its address has asked too often.</summary>
    public bool TryPass(HttpContext context)
    {
        // Behind a proxy that does not say who asks is everybody.
        if (_limiter is null || ConnectionSecurity.Plain(context.Connection.RemoteIpAddress) is not { } address || _settings.IsShared(address)) return true;
        using var lease = _limiter.AttemptAcquire(address);
        if (lease.IsAcquired) return true;
        _log.Tell(MetLimit.Requests, ConnectionGate.KeyOf(address));
        context.Response.StatusCode = StatusCodes.Status429TooManyRequests;
        var wait = lease.TryGetMetadata(MetadataName.RetryAfter, out var after) ? Math.Max(1, Math.Ceiling(after.TotalSeconds)) : 1;
        context.Response.Headers.RetryAfter = wait.ToString(CultureInfo.InvariantCulture);
        return false;
    }

    /// <inheritdoc/>
    public void Dispose() => _limiter?.Dispose();
}
