using Microsoft.AspNetCore.Http;
using Parley.Plugin.Abstractions;

namespace Parley.Server.Host.Plugins;

/// <summary>The HTTP prefixes of plugins, replaced whole at each load and unload.</summary>
internal sealed class HttpTable
{
    private volatile HttpRegistration[] _prefixes = [];

    /// <summary>The handler for a path, with the part of the path that it owns.</summary>
    public HttpRegistration? Find(PathString path, out PathString rest)
    {
        foreach (var registration in _prefixes)
        {
            if (path.StartsWithSegments(registration.Prefix, StringComparison.Ordinal, out rest)) return registration;
        }

        rest = default;
        return null;
    }

    /// <summary>Replaces everything. The longest prefix wins.</summary>
    public void Publish(IEnumerable<HttpRegistration> prefixes) => _prefixes = [.. prefixes.OrderByDescending(p => p.Prefix.Value!.Length)];
}

/// <summary>A prefix and who serves it.</summary>
internal sealed record HttpRegistration(string Plugin, PathString Prefix, IHttpHandler Handler);
