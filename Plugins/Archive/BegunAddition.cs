namespace Parley.Plugins.Archive;

/// <summary>Messages on their way into the archive.</summary>
/// <param name="Written">Ends when they are durable, or when that failed.</param>
/// <param name="Entries">What is written.</param>
internal sealed record BegunAddition(Task<IReadOnlyList<WrittenEntry?>> Written, IReadOnlyList<NewEntry> Entries);
