// The one import of cdk8s-plus: moving to another line of it is an edit of this file.
export * from 'cdk8s-plus-28';
