namespace Parley.Plugin.Abstractions;

/// <summary>Says where call rooms live; contributed by the plugin that serves them.</summary>
public interface ICallRooms
{
    /// <summary>The domain of the call rooms of a served domain, such as <c>calls.example.org</c>; null if it has none.</summary>
    string? DomainOf(string domain);
}
