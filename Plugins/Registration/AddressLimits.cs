using System.Net;
using System.Net.Sockets;
using Microsoft.Extensions.Options;

namespace Parley.Plugins.Registration;

/// <summary>Counts attempts by network address, an hour at a time. Who has an IPv6 network has many addresses, so its /64 counts.</summary>
internal sealed class AddressLimits(IOptionsMonitor<RegistrationOptions> options, TimeProvider time)
{
    /// <summary>Addresses remembered at most; whoever comes when there is no room has made as many attempts as allowed.</summary>
    internal const int MaxAddresses = 20_000;

    private static readonly TimeSpan Window = TimeSpan.FromHours(1);
    private readonly Dictionary<IPAddress, (DateTimeOffset Since, int Count)> _counts = [];

    /// <summary>Counts an attempt; false if it is one too many.</summary>
    public bool TryCount(IPAddress? address)
    {
        if (address is null) return true;
        var (key, now) = (Group(address), time.GetUtcNow());
        lock (_counts)
        {
            if (!_counts.TryGetValue(key, out var entry) || now - entry.Since >= Window)
            {
                if (_counts.Count >= MaxAddresses) Forget(now);
                if (_counts.Count >= MaxAddresses && !_counts.ContainsKey(key)) return false;
                entry = (now, 0);
            }

            if (entry.Count >= options.CurrentValue.PerAddressPerHour) return false;
            _counts[key] = (entry.Since, entry.Count + 1);
            return true;
        }
    }

    private void Forget(DateTimeOffset now)
    {
        foreach (var old in _counts.Where(c => now - c.Value.Since >= Window).Select(c => c.Key).ToList()) _counts.Remove(old);
    }

    private static IPAddress Group(IPAddress address)
    {
        if (address.IsIPv4MappedToIPv6) return address.MapToIPv4();
        if (address.AddressFamily != AddressFamily.InterNetworkV6) return address;
        var bytes = address.GetAddressBytes();
        bytes.AsSpan(8).Clear();
        return new IPAddress(bytes);
    }
}
